import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import { resnet18 } from '../model/resnet18';
import { type StoredTensor, writeSafetensors } from '../model/weights/safetensors';
import { loadWeights } from '../model/weights/weights';
import { initBackend } from '../tensor/backend';
import { weightsDestination } from './destination';
import { fetchResnet18 } from './fetchResnet18';
import { SILENT } from './progress';
import { checkResnet18, resnet18Tensors } from './resnet18File';

let made: string;
let folder: string;
let target: string;
let good: Buffer;
let hash: string;
let server: Server;
let url: string;
let body: Buffer;
let linked: string | undefined;
let requests: number;

before(async () => {
  await initBackend();
  made = await mkdtemp(join(tmpdir(), 'weights-made-'));
  good = await weightsFile();
  hash = createHash('sha256').update(good).digest('hex');
  server = createServer((_request, response) => {
    requests++;
    if (linked) response.setHeader('x-linked-etag', `"${linked}"`);
    response.writeHead(200, { etag: '"1"', 'content-length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(made, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weights-'));
  target = join(folder, 'resnet18.safetensors');
  body = good;
  linked = undefined;
  requests = 0;
});
afterEach(() => rm(folder, { recursive: true }));

/** Weights of ones. */
async function weightsFile(): Promise<Buffer> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of resnet18Tensors()) {
    const count = shape.reduce((product, n) => product * n, 1);
    tensors.set(name, { shape: [...shape], data: new Float32Array(count).fill(1) });
  }
  const path = join(made, 'x.safetensors');
  await writeSafetensors(path, tensors);
  return readFile(path);
}

/** The good file with a text of its header replaced by one of the same length. */
function withHeader(text: string, other: string): Buffer {
  const bytes = Buffer.from(good);
  bytes.write(other, bytes.indexOf(text));
  return bytes;
}

function fetchIt(options: { sha256?: string; to?: string } = {}) {
  return fetchResnet18({
    to: folder,
    url,
    progress: SILENT,
    machine: { wait: async () => {} },
    ...options,
  });
}
async function assertRefused(pattern: RegExp, options: { sha256?: string } = {}): Promise<void> {
  await assert.rejects(fetchIt(options), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, pattern);
    return true;
  });
}

test("the expected tensors are torchvision's: 100 that the network has, and its classifier", async () => {
  const expected = resnet18Tensors();
  assert.equal(expected.size, 102);
  const count = (names: string[]) =>
    names.reduce((sum, name) => sum + (expected.get(name) ?? []).reduce((a, b) => a * b, 1), 0);
  const isStatistic = (name: string) => name.includes('running_');
  // torchvision's own count of parameters, and the running statistics of its BatchNorms.
  assert.equal(count([...expected.keys()].filter((name) => !isStatistic(name))), 11_689_512);
  assert.equal(count([...expected.keys()].filter(isStatistic)), 9_600);

  const tensors = tf.memory().numTensors;
  const network = resnet18({ prefix: '' });
  network.initialise([64, 64, 3], new Random(0));
  await writeFile(target, good);
  const { taken, left } = await loadWeights(target, network);
  assert.deepEqual(left, ['fc.weight', 'fc.bias']);
  assert.deepEqual([...taken, ...left].sort(), [...expected.keys()].sort());
  network.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

test('weights are fetched, checked and put in place, and nothing else is left', async () => {
  assert.deepEqual(await fetchIt(), { path: target, fetched: true });
  assert.deepEqual(await readdir(folder), ['resnet18.safetensors']);
  assert.ok((await readFile(target)).equals(good));
});

test('a good file that is there is left, another is not overwritten', async () => {
  await writeFile(target, good);
  assert.deepEqual(await fetchIt({ sha256: hash }), { path: target, fetched: false });
  await assertRefused(/has SHA-256 .*; nothing is overwritten, move it away/, { sha256: 'a'.repeat(64) });
  await writeFile(target, good.subarray(0, 1_000_000));
  await assertRefused(
    /tensors end at byte \d+ of the data, the file has \d+; .*; nothing is overwritten, move it away/,
  );
  assert.equal(requests, 0);
  assert.equal((await readFile(target)).length, 1_000_000);
});

test('a hash that is given must fit, in any case of letters', async () => {
  await assertRefused(/has SHA-256 [0-9a-f]{64}, expected a{64}: damaged .*; it was removed, try again/, {
    sha256: 'a'.repeat(64),
  });
  assert.deepEqual(await readdir(folder), []);
  assert.equal((await fetchIt({ sha256: hash.toUpperCase() })).fetched, true);
});

test('the hash that the hub names must fit', async () => {
  linked = 'b'.repeat(64);
  await assertRefused(/has SHA-256 [0-9a-f]{64}, expected b{64}/);
  assert.deepEqual(await readdir(folder), []);
  linked = hash;
  assert.equal((await fetchIt()).fetched, true);
});

test('what is not ResNet18, or not whole, is thrown away', async () => {
  const notFinite = Buffer.from(good);
  notFinite.writeFloatLE(Number.NaN, good.length - 4);
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('<html>please log in</html>'), /damaged or not safetensors/],
    [good.subarray(0, 20_000_000), /tensors end at byte \d+ of the data, the file has \d+/],
    [
      withHeader('"layer4.1.bn2.running_var"', '"layer4.1.bn2.running_xyz"'),
      /tensor layer4\.1\.bn2\.running_var is missing; it is not torchvision's ResNet18/,
    ],
    [
      withHeader('[1000,512]', '[512,1000]'),
      /tensor fc\.weight has shape \[512, 1000\], expected \[1000, 512\]/,
    ],
    [notFinite, /tensor fc\.bias has values that are no finite numbers/],
  ];
  for (const [bytes, pattern] of cases) {
    body = bytes;
    await assertRefused(pattern);
    assert.deepEqual(await readdir(folder), []);
  }
});

test('a folder in the place of the file is left alone', async () => {
  await mkdir(target);
  await assertRefused(/cannot read weights file .*; nothing is overwritten/);
  assert.equal(requests, 0);
});

const real = join(weightsDestination(), 'resnet18.safetensors');
test('the weights that experiments use pass the check', {
  skip: existsSync(real) ? false : `no ${real}`,
}, async () => {
  await checkResnet18(real);
});
