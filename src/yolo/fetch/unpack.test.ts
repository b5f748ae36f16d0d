import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { create, Header, type HeaderData } from 'tar';
import { UserError } from '../core/errors';
import { MACHINE, type Machine } from './machine';
import { SILENT } from './progress';
import { unpack } from './unpack';

let folder: string;
let archive: string;
let into: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpack-'));
  archive = join(folder, 'a.tar');
  into = join(folder, 'deep', 'into');
  await mkdir(into, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

interface Entry extends HeaderData {
  readonly content?: string;
}
const END = Buffer.alloc(1024);

/** One entry's blocks: the header, and the content filled up to 512. */
function blocks({ content = '', ...data }: Entry): Buffer {
  const header = new Header({ type: 'File', mode: 0o644, size: content.length, mtime: new Date(0), ...data });
  header.encode();
  return Buffer.concat([
    header.block as Buffer,
    Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, '\0')),
  ]);
}
const GOOD: Entry = { path: 'kit/Y/a.txt', content: 'good' };

async function unpackIt(
  machine: Partial<Machine> = {},
  signal = new AbortController().signal,
): Promise<void> {
  await unpack(archive, {
    wanted: 'kit/Y',
    into,
    maxEntries: 100,
    signal,
    progress: SILENT,
    machine: { ...MACHINE, ...machine },
  });
}
async function unpackEntries(entries: readonly Entry[], end = END): Promise<void> {
  await writeFile(archive, Buffer.concat([...entries.map(blocks), end]));
  await unpackIt();
}
async function tree(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

test("files and folders of the wanted folder are unpacked, others' are passed over", async () => {
  await mkdir(join(folder, 'kit', 'Y', 'empty'), { recursive: true });
  const long = 'x'.repeat(180);
  const big = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 2654435761) >>> 9));
  await writeFile(join(folder, 'kit', 'Y', `${long}.txt`), 'long');
  await writeFile(join(folder, 'kit', 'Y', 'big'), big);
  await writeFile(join(folder, 'kit', 'Y', 'none'), '');
  await writeFile(join(folder, 'kit', 'readme'), 'other');
  await create({ file: archive, cwd: folder }, ['kit']);
  await rm(join(folder, 'kit'), { recursive: true });
  await unpackIt();
  assert.deepEqual(await tree(), ['a.tar', 'deep/into/big', 'deep/into/none', `deep/into/${long}.txt`]);
  assert.ok((await readFile(join(into, 'big'))).equals(big));
  assert.equal(await readFile(join(into, `${long}.txt`), 'utf8'), 'long');
  assert.ok((await lstat(join(into, 'empty'))).isDirectory());
});

test('names may begin with ./ and folders need no entry', async () => {
  await unpackEntries([{ path: './kit/Y/b/c.txt', content: 'c' }]);
  assert.equal(await readFile(join(into, 'b', 'c.txt'), 'utf8'), 'c');
});

test("an archive's owners, permissions and times are not taken over", async () => {
  await unpackEntries([{ ...GOOD, mode: 0o6777, uid: 12_345, gid: 12_345 }]);
  const { mode, uid, mtimeMs } = await lstat(join(into, 'a.txt'));
  assert.equal(mode & 0o7133, 0);
  assert.equal(uid, process.getuid?.());
  assert.ok(mtimeMs > 0);
});

const climbing = [
  '../x.txt',
  'kit/Y/../../../x.txt',
  'kit/Y/b/..',
  '/x.txt',
  '//x.txt',
  'C:/x.txt',
  'c:x.txt',
  'kit/Y/..\\..\\x.txt',
  '\\x.txt',
];
for (const path of climbing) {
  test(`the path ${path} is refused, in a file as in a folder`, async () => {
    for (const type of ['File', 'Directory'] as const) {
      await assert.rejects(
        unpackEntries([GOOD, { path, type, content: type === 'File' ? 'evil' : '' }]),
        (error) => {
          assert.ok(error instanceof UserError);
          assert.match(
            error.message,
            /a\.tar: the archive names the path '.*', which leads out of its folder/,
          );
          return true;
        },
      );
      assert.deepEqual(await tree(), ['a.tar', 'deep/into/a.txt']);
      await rm(join(into, 'a.txt'));
    }
  });
}

test('a long name in an extended header is judged too', async () => {
  const path = `kit/Y/${'../'.repeat(60)}x.txt`;
  await assert.rejects(
    unpackEntries([{ path: 'PaxHeader', type: 'ExtendedHeader', content: pax('path', path) }, GOOD]),
    /leads out of its folder/,
  );
  await assert.rejects(
    unpackEntries([{ path: '././@LongLink', type: 'NextFileHasLongPath', content: `${path}\0` }, GOOD]),
    /leads out of its folder/,
  );
});

/** One record of an extended header; its length counts its own digits. */
function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

const special: [Entry, string][] = [
  [{ path: 'kit/Y/l', type: 'SymbolicLink', linkpath: '/etc/passwd' }, 'SymbolicLink'],
  [{ path: 'kit/Y/l', type: 'SymbolicLink', linkpath: 'a.txt' }, 'SymbolicLink'],
  [{ path: 'kit/Y/l', type: 'Link', linkpath: '../../a.tar' }, 'Link'],
  [{ path: 'elsewhere/l', type: 'Link', linkpath: 'kit/Y/a.txt' }, 'Link'],
  [{ path: 'kit/Y/d', type: 'CharacterDevice', devmaj: 1, devmin: 3 }, 'CharacterDevice'],
  [{ path: 'kit/Y/d', type: 'BlockDevice', devmaj: 8, devmin: 0 }, 'BlockDevice'],
  [{ path: 'kit/Y/p', type: 'FIFO' }, 'FIFO'],
  [{ path: 'kit/Y/s', type: 'SparseFile' }, 'SparseFile'],
];
for (const [entry, type] of special) {
  test(`a ${type} (${entry.path} -> ${entry.linkpath ?? 'nothing'}) is refused`, async () => {
    await assert.rejects(
      unpackEntries([GOOD, entry]),
      new RegExp(`holds '${entry.path}', a ${type}, expected nothing but files and folders`),
    );
    assert.deepEqual(
      (await tree()).filter((path) => !path.endsWith('a.txt')),
      ['a.tar'],
    );
  });
}

test('nothing is written through a link that lies in the folder', async () => {
  await symlink(folder, join(into, 'a.txt'));
  await assert.rejects(unpackEntries([GOOD]), /holds 'a\.txt' twice/);
});

test('a name that comes twice is refused, also as file and folder', async () => {
  await assert.rejects(unpackEntries([GOOD, { ...GOOD, content: 'evil' }]), /holds 'a\.txt' twice/);
  assert.equal(await readFile(join(into, 'a.txt'), 'utf8'), 'good');
  await rm(join(into, 'a.txt'));
  await assert.rejects(unpackEntries([GOOD, { path: 'kit/Y/a.txt/b', content: 'x' }]), /twice/);
  await rm(join(into, 'a.txt'));
  await assert.rejects(unpackEntries([{ path: 'kit/Y/a.txt', type: 'Directory' }, GOOD]), /twice/);
});

test('an archive that claims more than it has is refused before a byte of it is written', async () => {
  await assert.rejects(
    unpackEntries([GOOD, { path: 'kit/Y/bomb', size: 1e12 }]),
    /claims 1000000000004 bytes of content up to 'kit\/Y\/bomb' but has 2560/,
  );
  assert.deepEqual(await tree(), ['a.tar', 'deep/into/a.txt']);
});

test('too many entries are refused', async () => {
  const many = Array.from({ length: 101 }, (_, i) => ({ path: `kit/Y/${i}`, content: '' }));
  await assert.rejects(unpackEntries(many), /holds more than 100 entries, far more than it should/);
  assert.equal((await readdir(into)).length, 100);
});

test('a compressed archive, which could be a bomb, is refused', async () => {
  await writeFile(archive, gzipSync(Buffer.concat([blocks(GOOD), Buffer.alloc(1e7)])));
  await assert.rejects(unpackIt(), /the archive is compressed, expected a plain tar/);
});

test('an archive that is cut, damaged or none is refused', async () => {
  const whole = Buffer.concat([blocks(GOOD), blocks({ path: 'kit/Y/b', content: 'b'.repeat(2_000) })]);
  const damaged = Buffer.from(whole);
  damaged[1024] ^= 1;
  const cases: [Buffer, RegExp][] = [
    [whole.subarray(0, 2_000), /is damaged: Truncated input/],
    [damaged, /is damaged: checksum failure/],
    [Buffer.from('<html>no such file</html>'), /is damaged: Unrecognized archive format/],
    [Buffer.alloc(0), /is damaged: Unrecognized archive format/],
    [Buffer.alloc(5_000, 'x'), /is damaged: /],
  ];
  for (const [bytes, pattern] of cases) {
    await rm(into, { recursive: true });
    await mkdir(into);
    await writeFile(archive, bytes);
    await assert.rejects(unpackIt(), (error) => error instanceof UserError && pattern.test(error.message));
  }
});

test("what follows the end mark is nobody's", async () => {
  await unpackEntries(
    [GOOD],
    Buffer.concat([END, blocks({ path: '/evil', content: 'x' }), Buffer.alloc(3e6, 'x')]),
  );
  assert.deepEqual(await tree(), ['a.tar', 'deep/into/a.txt']);
});

test('a full disk says so', async () => {
  const full: Machine['open'] = async (path, flags) => {
    const file = await open(path, flags);
    return {
      sync: () => file.sync(),
      close: () => file.close(),
      write: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
    };
  };
  await writeFile(archive, Buffer.concat([blocks(GOOD), blocks({ ...GOOD, path: 'kit/Y/b' }), END]));
  await assert.rejects(
    unpackIt({ open: full }),
    (error) => error instanceof UserError && /into\/a\.txt: the disk is full/.test(error.message),
  );
});

test('after it was ended nothing is written any more', async () => {
  const entries = Array.from({ length: 90 }, (_, i) => ({ path: `kit/Y/${i}`, content: 'x'.repeat(50_000) }));
  await writeFile(archive, Buffer.concat([...entries.map(blocks), END]));
  for (const writes of [1, 2, 30]) {
    const controller = new AbortController();
    let written = 0;
    const counting: Machine['open'] = async (path, flags) => {
      const file = await open(path, flags);
      return {
        sync: () => file.sync(),
        close: () => file.close(),
        write: (...args) => {
          if (++written === writes) controller.abort('SIGINT');
          return file.write(...args);
        },
      };
    };
    await assert.rejects(unpackIt({ open: counting }, controller.signal), (reason) => reason === 'SIGINT');
    const then = written;
    await rm(into, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(written, then);
    assert.ok(then <= writes + 1, `${then} writes`);
    await mkdir(into);
  }
});
