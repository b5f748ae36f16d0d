import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { create } from 'tar';
import { UserError } from '../core/errors';
import { Lock } from '../core/lock';
import { checkDevkit } from '../data/checkDevkit';
import { loadDataset } from '../data/dataset';
import { writeScenesDevkit } from '../data/scene/writeScenesDevkit';
import { VOC_SETS, type VocSet } from './catalogue';
import { type FetchedVoc, fetchVoc } from './fetchVoc';
import type { Machine } from './machine';
import { megabytes, SILENT } from './progress';

/** What the server has, by path. */
let files: Map<string, Buffer>;
let asked: string[];
let server: Server;
let base: string;
/** Built once: archives of generated scenes under VOC's names. */
let archives: Map<string, Buffer>;
let made: string;
let folder: string;
let said: string[];

before(async () => {
  made = await mkdtemp(join(tmpdir(), 'voc-made-'));
  archives = new Map([
    ['trainval12.tar', await archiveOf('VOC2012', await scenes('VOC2012', 0))],
    ['trainval07.tar', await archiveOf('VOC2007', await scenes('VOC2007', 0))],
    ['test07.tar', await archiveOf('VOC2007', await asTest(await scenes('VOC2007', 1)))],
  ]);
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = files.get((request.url ?? '').slice(1));
    if (!body) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) response.setHeader('content-range', `bytes ${from}-${body.length - 1}/${body.length}`);
    response.writeHead(from > 0 ? 206 : 200, { etag: '"1"', 'content-length': body.length - from });
    response.end(body.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(made, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voc-'));
  files = new Map(archives);
  asked = [];
  said = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** A year of 5 scenes, made in a folder of its own. */
async function scenes(year: string, seed: number): Promise<string> {
  const devkit = await mkdtemp(join(made, 'kit-'));
  await mkdir(join(devkit, 'VOCdevkit'));
  const path = await writeScenesDevkit(join(devkit, 'VOCdevkit'), { train: 3, val: 2, seed, year });
  await rm(join(path, 'generated.json'));
  return devkit;
}

/** Turns it into what the archive of the test list is: other ids, and no list but that. */
async function asTest(devkit: string): Promise<string> {
  const year = join(devkit, 'VOCdevkit', 'VOC2007');
  for (const [part, ending] of [
    ['JPEGImages', 'jpg'],
    ['Annotations', 'xml'],
  ]) {
    for (const id of [1, 2, 3, 4, 5]) {
      await rename(join(year, part, `00000${id}.${ending}`), join(year, part, `00010${id}.${ending}`));
    }
  }
  const main = join(year, 'ImageSets', 'Main');
  for (const name of await readdir(main)) {
    const text = (await readFile(join(main, name), 'utf8')).replace(/^00000/gm, '00010');
    await rm(join(main, name));
    if (/(^|_)trainval/.test(name)) await writeFile(join(main, name.replace('trainval', 'test')), text);
  }
  return devkit;
}

async function archiveOf(year: string, devkit: string, ...more: string[]): Promise<Buffer> {
  const file = join(devkit, 'x.tar');
  await create({ file, cwd: devkit }, [`VOCdevkit/${year}`, ...more]);
  return readFile(file);
}

function archive(file: string, list: string, pictures = 5) {
  const bytes = archives.get(file) as Buffer;
  const md5 = createHash('md5').update(bytes).digest('hex');
  return { file, url: `${base}/${file}`, md5, bytes: bytes.length, list, pictures, maxEntries: 100 };
}
const set12 = (): VocSet => ({ year: 'VOC2012', archives: [archive('trainval12.tar', 'trainval')] });
const set07 = (): VocSet => ({
  year: 'VOC2007',
  archives: [archive('trainval07.tar', 'trainval'), archive('test07.tar', 'test')],
});

function fetchIt(
  set: VocSet,
  {
    machine,
    ...options
  }: { machine?: Partial<Machine>; url?: string; signal?: AbortSignal; to?: string } = {},
): Promise<FetchedVoc> {
  const progress = { ...SILENT, say: (text: string) => void said.push(text) };
  return fetchVoc(set, { to: folder, progress, machine: { wait: async () => {}, ...machine }, ...options });
}
const names = async () => (await readdir(folder)).sort();

/** A machine on which the n-th write fails or does something else. */
function atWrite(n: number, act: () => void): Partial<Machine> {
  let writes = 0;
  return {
    open: async (path, flags) => {
      const file = await open(path, flags);
      return {
        sync: () => file.sync(),
        close: () => file.close(),
        write: (...args) => {
          if (++writes >= n) act();
          return file.write(...args);
        },
      };
    },
  };
}
const fullDisk = () => {
  throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
};

test('a year is fetched, checked and put in place, and nothing else is left', async () => {
  assert.deepEqual(await fetchIt(set12()), { folder: join(folder, 'VOC2012'), fetched: ['trainval'] });
  assert.deepEqual(await names(), ['VOC2012']);
  const { findings, lists } = await checkDevkit(join(folder, 'VOC2012'));
  assert.deepEqual([findings, lists], [[], { train: 3, trainval: 5, val: 2 }]);
  const data = await loadDataset([{ folder: join(folder, 'VOC2012'), split: 'trainval' }]);
  assert.equal(data.items.length, 5);
  assert.deepEqual(said, [
    `VOC2012: ${megabytes(set12().archives[0].bytes)} to fetch and to unpack into ${join(folder, 'VOC2012')}. Nothing that is there is overwritten.`,
  ]);
});

test('what is complete is recognised and left', async () => {
  await fetchIt(set12());
  const before = await stat(join(folder, 'VOC2012'));
  asked = [];
  said = [];
  assert.deepEqual(await fetchIt(set12()), { folder: join(folder, 'VOC2012'), fetched: [] });
  assert.deepEqual([asked, said], [[], []]);
  assert.equal((await stat(join(folder, 'VOC2012'))).ino, before.ino);
});

test("a year's folder that is there and not complete is left alone", async () => {
  await fetchIt(set12());
  const picture = join(folder, 'VOC2012', 'JPEGImages', '000002.jpg');
  await rm(picture);
  asked = [];
  await assert.rejects(fetchIt(set12()), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /VOC2012: is there and is not complete \(.*000002\.jpg is missing\); nothing is overwritten, move it away/,
    );
    return true;
  });
  assert.deepEqual(asked, []);
  await mkdir(join(folder, 'VOC2007'));
  await assert.rejects(fetchIt(set07()), /VOC2007: is there and is not complete \(.*ImageSets.Main/);
  assert.deepEqual(await names(), ['VOC2007', 'VOC2012']);
});

test('both archives of a year come together in its folder', async () => {
  assert.deepEqual((await fetchIt(set07())).fetched, ['trainval', 'test']);
  assert.deepEqual(await names(), ['VOC2007']);
  const { findings, lists, pictures } = await checkDevkit(join(folder, 'VOC2007'));
  assert.deepEqual([findings, lists, pictures], [[], { test: 5, train: 3, trainval: 5, val: 2 }, 10]);
  assert.deepEqual(asked, ['/trainval07.tar', '/test07.tar']);
});

test('the archive that is missing is added to the one that is there, in either order', async () => {
  for (const first of [0, 1]) {
    await rm(join(folder, 'VOC2007'), { recursive: true, force: true });
    const { archives: both } = set07();
    await fetchIt({ year: 'VOC2007', archives: [both[first]] });
    await writeFile(join(folder, 'VOC2007', 'mine.txt'), 'mine');
    asked = [];
    assert.deepEqual((await fetchIt(set07())).fetched, [both[1 - first].list]);
    assert.deepEqual(asked, [`/${both[1 - first].file}`]);
    assert.equal(await readFile(join(folder, 'VOC2007', 'mine.txt'), 'utf8'), 'mine');
    assert.deepEqual((await checkDevkit(join(folder, 'VOC2007'))).findings, []);
  }
});

test('an archive is not merged over a file with other content; the same content is no conflict', async () => {
  await fetchIt({ year: 'VOC2007', archives: [set07().archives[0]] });
  const mine = join(folder, 'VOC2007', 'JPEGImages', '000103.jpg');
  await writeFile(mine, 'mine');
  await assert.rejects(
    fetchIt(set07()),
    /000103\.jpg: is there and differs from the archive's; nothing was changed/,
  );
  assert.equal(await readFile(mine, 'utf8'), 'mine');
  assert.equal(existsSync(join(folder, 'VOC2007', 'JPEGImages', '000101.jpg')), false);
  assert.equal(existsSync(join(folder, 'VOC2007', 'ImageSets', 'Main', 'test.txt')), false);
  // The archive itself is good: once the file is moved away it need not come again.
  await rm(mine);
  asked = [];
  await fetchIt(set07());
  assert.deepEqual(asked, []);
  // As a merge that was broken off leaves it: files, and no list yet.
  await rm(join(folder, 'VOC2007', 'ImageSets', 'Main', 'test.txt'));
  assert.deepEqual((await fetchIt(set07())).fetched, ['test']);
  assert.deepEqual((await checkDevkit(join(folder, 'VOC2007'))).findings, []);
});

test('an archive with another hash is thrown away and says so', async () => {
  const wrong = Buffer.from(archives.get('trainval12.tar') as Buffer);
  wrong[20_000] ^= 1;
  files.set('trainval12.tar', wrong);
  await assert.rejects(fetchIt(set12()), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /has MD5 [0-9a-f]{32}, expected [0-9a-f]{32}: damaged .*; it was removed; try again/,
    );
    return true;
  });
  assert.deepEqual(await names(), []);
});

test('a page where the archive should be is no archive', async () => {
  files.set('trainval12.tar', Buffer.from('<html>please log in</html>'));
  await assert.rejects(fetchIt(set12()), /has MD5/);
  files.delete('trainval12.tar');
  await assert.rejects(fetchIt(set12()), /the server answers 404 Not Found/);
  assert.deepEqual(await names(), []);
});

test('an archive with the right hash that lacks pictures or lists is not put in place', async () => {
  const set = { year: 'VOC2012', archives: [archive('trainval12.tar', 'trainval', 6)] };
  await assert.rejects(fetchIt(set), /the archive is not complete \(its list trainval has 5 of 6 pictures\)/);
  const other = { year: 'VOC2012', archives: [archive('trainval12.tar', 'test')] };
  await assert.rejects(fetchIt(other), /the archive is not complete \(.*test\.txt/);
  assert.deepEqual(await names(), ['trainval12.tar.part', 'trainval12.tar.part.json']);
});

test('an archive that was got by other means is checked, used and kept', async () => {
  await writeFile(join(folder, 'trainval12.tar'), archives.get('trainval12.tar') as Buffer);
  await fetchIt(set12());
  assert.deepEqual(asked, []);
  assert.deepEqual(await names(), ['VOC2012', 'trainval12.tar']);
  assert.match(said[1], /trainval12\.tar is there: it is checked and used\./);
  await rm(join(folder, 'VOC2012'), { recursive: true });
  await writeFile(join(folder, 'trainval12.tar'), 'half');
  await assert.rejects(fetchIt(set12()), /trainval12\.tar: has MD5 .*; remove it to fetch it/);
  assert.deepEqual(await names(), ['trainval12.tar']);
});

test('a mirror is named by its folder or by an archive in it', async () => {
  for (const [file, bytes] of archives) {
    files.delete(file);
    files.set(`mirror/${file}`, bytes);
    files.set(`mirror/${file}?key=1`, bytes);
  }
  for (const url of ['mirror', 'mirror/', 'mirror/trainval07.tar', 'mirror/test07.tar?key=1']) {
    asked = [];
    await fetchIt(set07(), { url: `${base}/${url}` });
    const key = url.includes('?') ? '?key=1' : '';
    assert.deepEqual(asked, [`/mirror/trainval07.tar${key}`, `/mirror/test07.tar${key}`]);
    await rm(join(folder, 'VOC2007'), { recursive: true });
  }
  files.set('x/voc.tar', archives.get('trainval12.tar') as Buffer);
  await fetchIt(set12(), { url: `${base}/x/voc.tar` });
  await assert.rejects(fetchIt(set12(), { url: 'ftp://x' }), /is no address/);
});

test('at whichever write the disk is full, the year is not there, and is after the next call', async () => {
  // 5 pictures, 5 annotations, 21 lists, and the archive in a few pieces.
  for (const n of [1, 2, 3, 4, 10, 20, 30]) {
    await assert.rejects(fetchIt(set12(), { machine: atWrite(n, fullDisk) }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /the disk is full; free some space and run the same command again/);
      return true;
    });
    assert.deepEqual(await names(), ['trainval12.tar.part', 'trainval12.tar.part.json']);
    await fetchIt(set12());
    assert.deepEqual(await names(), ['VOC2012']);
    await rm(join(folder, 'VOC2012'), { recursive: true });
  }
});

test('a disk that is too small is not begun with', async () => {
  const machine = { freeBytes: async () => 2 * set12().archives[0].bytes };
  await assert.rejects(
    fetchIt(set12(), { machine }),
    /MB of disk are free, fetching and unpacking trainval12\.tar needs .* MB; free some or give another folder/,
  );
  assert.deepEqual([asked, await names()], [[], []]);
});

test('at whichever write the user ends it, only what can be resumed is left', async () => {
  for (const n of [1, 2, 3, 4, 10, 20, 30]) {
    const controller = new AbortController();
    const machine = atWrite(n, () => controller.abort('SIGINT'));
    await assert.rejects(
      fetchIt(set12(), { machine, signal: controller.signal }),
      (reason) => reason === 'SIGINT',
    );
    assert.deepEqual(await names(), ['trainval12.tar.part', 'trainval12.tar.part.json']);
  }
  await fetchIt(set12());
  assert.deepEqual(await names(), ['VOC2012']);
});

test('what a killed process left is cleaned up, and its archive is not fetched again', async () => {
  await assert.rejects(fetchIt(set12(), { machine: atWrite(20, fullDisk) }));
  await cp(join(folder, 'trainval12.tar.part'), join(folder, 'copy'));
  await mkdir(join(folder, '.VOC2012.partial', 'JPEGImages'), { recursive: true });
  await writeFile(join(folder, '.VOC2012.partial', 'JPEGImages', 'half.jpg'), 'half');
  // Process numbers end at 4194304 on Linux.
  const path = join(folder, '.VOC2012.lock');
  const lock = await Lock.take(path);
  assert.ok(typeof lock !== 'string');
  const holder = JSON.parse(await readFile(path, 'utf8'));
  await lock.release();
  await writeFile(path, `${JSON.stringify({ ...holder, process: 4194305 })}\n`);
  asked = [];
  await fetchIt(set12());
  assert.deepEqual(asked, []);
  assert.deepEqual(await names(), ['VOC2012', 'copy']);
  assert.equal(existsSync(join(folder, 'VOC2012', 'JPEGImages', 'half.jpg')), false);
  // Killed when all was done but removing the archive.
  await rename(join(folder, 'copy'), join(folder, 'trainval12.tar.part'));
  await fetchIt(set12());
  assert.deepEqual(await names(), ['VOC2012']);
});

test('two at a time in one folder: the second is refused', async () => {
  const first = fetchIt(set12(), {
    machine: { freeBytes: () => new Promise((resolve) => setTimeout(resolve, 300, 1e12)) },
  });
  while (!existsSync(join(folder, '.VOC2012.lock'))) await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(
    fetchIt(set12()),
    /process \d+ is fetching VOC2012 into it already; wait for it to end/,
  );
  await first;
  assert.deepEqual(await names(), ['VOC2012']);
});

test('without permission nothing is begun, and the message says where', async () => {
  const closed = join(folder, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o555);
  await chmod(folder, 0o755);
  // The superuser may write anywhere: become nobody for the while.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    for (const to of [closed, join(closed, 'deeper')]) {
      await assert.rejects(fetchIt(set12(), { to }), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /closed.*: no permission to write there; give another folder with --to/);
        return true;
      });
    }
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  assert.deepEqual(asked, []);
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(fetchIt(set12(), { to: join(folder, 'file') }), /file: can't be written \(EEXIST/);
});

test('the catalogue names the published archives', () => {
  const rows = Object.values(VOC_SETS).flatMap(({ year, archives }) =>
    archives.map(({ url, md5, bytes, list, pictures }) => [year, url, md5, bytes, list, pictures].join(' ')),
  );
  const server = 'http://host.robots.ox.ac.uk/pascal/VOC';
  assert.deepEqual(rows, [
    `VOC2012 ${server}/voc2012/VOCtrainval_11-May-2012.tar 6cd6e144f989b92b3379bac3b3de84fd 1999639040 trainval 11540`,
    `VOC2007 ${server}/voc2007/VOCtrainval_06-Nov-2007.tar c52e279531787c972589f7e41ab4ae64 460032000 trainval 5011`,
    `VOC2007 ${server}/voc2007/VOCtest_06-Nov-2007.tar b6e924de25625d8de591ea690078ad9f 451020800 test 4952`,
  ]);
});
