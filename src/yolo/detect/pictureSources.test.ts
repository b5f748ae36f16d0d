import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchPicture } from './fetchPicture';
import { filesLike } from './filesLike';
import { findPictures } from './pictureSources';

let folder: string;
let copies: string;
let server: Server;
let address: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sources-'));
  copies = join(folder, 'copies');
  for (const name of ['copies', 'photos', 'photos/deep', 'photos/.hidden', 'empty']) {
    await mkdir(join(folder, name));
  }
  for (const name of ['b.jpg', 'a.PNG', 'notes.txt', 'deep/c.webp', '.hidden/d.jpg', 'e[1].jpg']) {
    await writeFile(join(folder, 'photos', name), name);
  }
  // A folder that leads back to where it stands.
  await symlink('..', join(folder, 'photos', 'deep', 'round'));
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://here');
    if (pathname === '/picture.jpg') response.end('a picture');
    else if (pathname === '/moved.jpg') response.writeHead(302, { location: '/picture.jpg' }).end();
    else if (pathname === '/circle.jpg') response.writeHead(302, { location: '/circle.jpg' }).end();
    else if (pathname === '/empty.jpg') response.end();
    else if (pathname === '/unpacked.jpg')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('a picture');
    else if (pathname === '/cut.jpg') {
      response.writeHead(200, { 'content-length': 100 });
      response.write('ten bytes.', () => response.destroy());
    } else if (pathname === '/silent.jpg') response.write('something');
    else if (pathname === '/endless.jpg') {
      const piece = Buffer.alloc(1 << 20);
      const more = (): void => {
        if (!response.destroyed) response.write(piece, more);
      };
      more();
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const under = (...names: string[]) => names.map((name) => join(folder, 'photos', name));

test('a folder gives its own pictures by name, other files and folders are left out', async () => {
  const found = await findPictures([join(folder, 'photos')], copies);
  assert.deepEqual(
    found.map(({ name }) => name),
    under('a.PNG', 'b.jpg', 'e[1].jpg'),
  );
});

test('a pattern finds names, and with ** folders of any depth, but nothing hidden and no circle of links', async () => {
  assert.deepEqual(await filesLike(join(folder, 'photos', '*.jpg')), under('b.jpg', 'e[1].jpg'));
  assert.deepEqual(await filesLike(join(folder, 'photos', '?.*')), under('a.PNG', 'b.jpg'));
  assert.deepEqual(
    await filesLike(join(folder, 'photos', '**', '*.*')),
    under('a.PNG', 'b.jpg', 'e[1].jpg', 'notes.txt', join('deep', 'c.webp')),
  );
  assert.deepEqual(await filesLike(join(folder, 'ph*', 'd??p', '*.webp')), under(join('deep', 'c.webp')));
  assert.deepEqual(await filesLike(join(folder, 'photos', '.hid*', '*')), under(join('.hidden', 'd.jpg')));
  assert.deepEqual(await filesLike(join(folder, 'none', '*')), []);
});

test('a source that gives no picture says why, and the others are found all the same', async () => {
  const sources = [join(folder, 'empty'), join(folder, '*.gif'), join(folder, 'photos', 'b.jpg')];
  const found = await findPictures(sources, copies);
  assert.deepEqual(
    found.map(({ name }) => name),
    sources,
  );
  assert.match(
    (found[0] as { error: string }).error,
    /empty: has no picture in it; expected files that end in \.jpg,/,
  );
  assert.match((found[1] as { error: string }).error, /\*\.gif: no picture is called like this/);
  assert.ok('path' in found[2]);
});

test('an address gives a copy of its file, also after a redirect', async () => {
  for (const name of ['picture.jpg', 'moved.jpg']) {
    const [found] = await findPictures([`${address}/${name}`], copies);
    assert.equal(found.name, `${address}/${name}`);
    assert.ok('path' in found);
    assert.equal(await readFile(found.path, 'utf8'), 'a picture');
  }
});

test('an address that gives no picture is one line that says what happened', async () => {
  const errors: [string, RegExp][] = [
    [`${address}/none.jpg`, /none\.jpg: the server answers 404; check the address$/],
    [`${address}/circle.jpg`, /circle\.jpg: more than 5 redirects; give another address$/],
    [`${address}/empty.jpg`, /empty\.jpg: the server sends an empty file; check the address$/],
    [`${address}/cut.jpg`, /cut\.jpg: the connection broke off; try again later$/],
    [`${address}/endless.jpg`, /endless\.jpg: sends more than 128 MB; expected a picture$/],
    ['http://127.0.0.1:1/x.jpg', /can't be (fetched|reached)/],
    ['http://', /'http:\/\/' is no address to fetch from/],
  ];
  for (const [source, message] of errors) {
    const [found] = await findPictures([source], copies);
    assert.ok('error' in found, source);
    assert.match(found.error, message);
  }
});

test('a server that falls silent, or sends what it says is compressed and is not, is given up', async () => {
  await assert.rejects(
    fetchPicture(`${address}/unpacked.jpg`, copies, { silence: 500 }),
    /sent nothing|broke off/,
  );
  await assert.rejects(
    fetchPicture(`${address}/silent.jpg`, copies, { silence: 50 }),
    /sent nothing for 0\.05 s/,
  );
});

test('a stop ends the fetching at once, with its reason', async () => {
  const controller = new AbortController();
  const found = findPictures([`${address}/silent.jpg`, `${address}/picture.jpg`], copies, controller.signal);
  setTimeout(() => controller.abort('SIGINT'), 50);
  await assert.rejects(found, (reason) => reason === 'SIGINT');
});
