import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { readWholeFile, writeWholeFile, writing } from './wholeFile';

let folder: string;
let handle: { write(bytes: Uint8Array, from: number, count: number): Promise<{ bytesWritten: number }> };
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whole-file-'));
  const file = await open(folder);
  handle = Object.getPrototypeOf(file);
  await file.close();
});
after(() => rm(folder, { recursive: true }));

test('parts are written one after the other and hashed', async () => {
  const path = join(folder, 'parts');
  const hash = await writeWholeFile(path, 'a', Buffer.from('bc'), '\u00e9');
  assert.equal(await readFile(path, 'utf8'), 'abc\u00e9');
  assert.equal(hash, createHash('sha256').update('abc\u00e9').digest('hex'));
});

test('a disk that takes a part at a time still gets all of it', async () => {
  const { write } = handle;
  const slow = mock.method(handle, 'write', function (this: unknown, ...args: Parameters<typeof write>) {
    return write.call(this as typeof handle, args[0], args[1], Math.min(3, args[2]));
  });
  await writeWholeFile(join(folder, 'slow'), 'eleven byte');
  slow.mock.restore();
  assert.equal(slow.mock.callCount(), 4);
  assert.equal(await readFile(join(folder, 'slow'), 'utf8'), 'eleven byte');
});

test('a disk that takes no more is an error, the old file stays and nothing else is left', async () => {
  const path = join(folder, 'full', 'file');
  await assert.rejects(writeWholeFile(path, 'x'), /ENOENT/);
  await writeFile(join(folder, 'kept'), 'old');
  const full = mock.method(handle, 'write', () => Promise.resolve({ bytesWritten: 0 }));
  await assert.rejects(writeWholeFile(join(folder, 'kept'), 'new'), /the disk took 0 of 3 bytes/);
  full.mock.restore();
  assert.equal(await readFile(join(folder, 'kept'), 'utf8'), 'old');
  assert.deepEqual((await readdir(folder)).sort(), ['kept', 'parts', 'slow']);
});

test('what a user asked for and could not be written is told in words', async () => {
  const path = join(folder, 'full', 'file');
  await assert.rejects(
    writing(path, () => writeWholeFile(path, 'x')),
    {
      name: 'UserError',
      message: /full\/file: can't be written \(ENOENT.*\); check folder, space and permission$/,
    },
  );
});

test('a link is written through', async () => {
  await writeFile(join(folder, 'target'), 'old');
  await symlink(join(folder, 'target'), join(folder, 'link'));
  await writeWholeFile(join(folder, 'link'), 'new');
  assert.equal(await readFile(join(folder, 'target'), 'utf8'), 'new');
});

test('a file is read whole, and shorter than its size where it was cut meanwhile', async () => {
  await writeFile(join(folder, 'long'), 'x'.repeat(100));
  assert.equal((await readWholeFile(join(folder, 'long'))).toString(), 'x'.repeat(100));
  await truncate(join(folder, 'long'), 0);
  assert.equal((await readWholeFile(join(folder, 'long'))).length, 0);
});
