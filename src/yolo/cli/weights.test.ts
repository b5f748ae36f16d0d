import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { resnet18Tensors } from '../fetch/resnet18File';
import { type StoredTensor, writeSafetensors } from '../model/weights/safetensors';

let made: string;
let folder: string;
let good: Buffer;
let server: Server;
let url: string;
let answer: RequestListener;

before(async () => {
  made = await mkdtemp(join(tmpdir(), 'cli-weights-made-'));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of resnet18Tensors()) {
    const count = shape.reduce((product, n) => product * n, 1);
    tensors.set(name, { shape: [...shape], data: new Float32Array(count) });
  }
  await writeSafetensors(join(made, 'x'), tensors);
  good = await readFile(join(made, 'x'));
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(made, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-weights-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the program from its sources, in a process of its own. */
function yolov1(args: readonly string[]) {
  const script = `void require(${JSON.stringify(join(__dirname, 'main.ts'))}).main(${JSON.stringify(args)})`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}
const fetchTo = (...more: string[]) =>
  yolov1(['weights', 'fetch', 'resnet18', '--to', folder, '--url', url, ...more]);

/** A server that sends 20 MB and then nothing, and from then on whatever rest it is asked for. */
function fallsSilentOnce(ranges: (string | undefined)[]): RequestListener {
  return ({ headers }, response) => {
    ranges.push(headers.range);
    if (ranges.length === 1) {
      response.writeHead(200, { etag: '"1"', 'content-length': good.length });
      response.write(good.subarray(0, 20_000_000));
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);
    response.setHeader('content-range', `bytes ${from}-${good.length - 1}/${good.length}`);
    response.writeHead(206, { etag: '"1"', 'content-length': good.length - from }).end(good.subarray(from));
  };
}

/** Until so many bytes of the file are there. */
async function untilThere({ child }: ReturnType<typeof yolov1>, bytes: number): Promise<void> {
  const part = join(folder, 'resnet18.safetensors.part');
  while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < bytes) {
    assert.equal(child.exitCode, null);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('what a process had received when it was killed is gone on from, and never looks like the file', async () => {
  const ranges: (string | undefined)[] = [];
  answer = fallsSilentOnce(ranges);
  const first = fetchTo();
  await untilThere(first, 20_000_000);
  first.child.kill('SIGKILL');
  assert.equal((await first.ended).status, null);
  assert.equal(existsSync(join(folder, 'resnet18.safetensors')), false);
  const { status, stderr } = await fetchTo().ended;
  assert.equal(status, 0, stderr);
  assert.deepEqual(ranges, [undefined, 'bytes=20000000-']);
  assert.deepEqual(await readdir(folder), ['resnet18.safetensors']);
  assert.ok((await readFile(join(folder, 'resnet18.safetensors'))).equals(good));
});

test('it says what and where to first, goes on after Ctrl-C where it was, and ends with the file', async () => {
  const ranges: (string | undefined)[] = [];
  answer = fallsSilentOnce(ranges);
  const first = fetchTo();
  await untilThere(first, 20_000_000);
  first.child.kill('SIGINT');
  const stopped = await first.ended;
  assert.equal(stopped.status, 130);
  assert.equal(stopped.stdout, '');
  const lines = stopped.stderr.split('\n');
  assert.equal(lines[0], `resnet18.safetensors: 47 MB to fetch into ${folder}`);
  assert.equal(lines[1], 'fetching resnet18.safetensors (47 MB)');
  assert.match(lines[2], /^fetching resnet18\.safetensors: \d\.\d MB of 47 MB$/);
  assert.deepEqual(lines.slice(-2), ['yolov1: stopped; the same command goes on from there', '']);
  assert.deepEqual((await readdir(folder)).sort(), [
    'resnet18.safetensors.part',
    'resnet18.safetensors.part.json',
  ]);

  const second = await fetchTo().ended;
  assert.equal(second.status, 0, second.stderr);
  assert.deepEqual(ranges, [undefined, 'bytes=20000000-']);
  assert.match(second.stderr, /^fetching resnet18\.safetensors \(47 MB\), 20 MB are there$/m);
  assert.equal(
    second.stdout,
    `${join(folder, 'resnet18.safetensors')} is fetched and verified\nTo use it: set YOLOV1_WEIGHTS=${folder}\n`,
  );
  assert.deepEqual(await readdir(folder), ['resnet18.safetensors']);
  assert.ok((await readFile(join(folder, 'resnet18.safetensors'))).equals(good));
});

test('a failure is one line and status 1', async () => {
  answer = (_request, response) => void response.writeHead(404).end();
  const { status, stdout, stderr } = await fetchTo().ended;
  assert.deepEqual([status, stdout], [1, '']);
  const [, line, ...rest] = stderr.split('\n');
  assert.match(
    line,
    /^yolov1: http:.*: the server answers 404 Not Found; give another address with --url, or get/,
  );
  assert.deepEqual(rest, ['']);
  assert.deepEqual(await readdir(folder), []);
});

test('a hash that is none is refused before anything is asked for', async () => {
  answer = () => assert.fail('was asked');
  const { status, stderr } = await fetchTo('--sha256', 'abc').ended;
  assert.equal(status, 1);
  assert.match(stderr, /'--sha256 <hash>' argument 'abc' is invalid\. expected 64 hexadecimal digits\./);
  await writeFile(join(folder, 'x'), '');
  assert.equal(existsSync(join(folder, 'resnet18.safetensors')), false);
});
