import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readSafetensors, writeSafetensors } from './safetensors';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
after(() => rm(folder, { recursive: true }));

const sample = () =>
  new Map([
    ['a', { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) }],
    ['b.weight', { shape: [3], data: Float32Array.of(7, 8, 9) }],
  ]);

test('what is written is read again, with its metadata', async () => {
  const path = join(folder, 'round.safetensors');
  await writeSafetensors(path, sample(), { made: 'here' });
  const { tensors, metadata } = await readSafetensors(path);
  assert.deepEqual(tensors, sample());
  assert.deepEqual(metadata, { made: 'here' });
});

test('the bytes are those the format prescribes', async () => {
  const path = join(folder, 'bytes.safetensors');
  await writeSafetensors(path, new Map([['x', { shape: [1], data: Float32Array.of(1) }]]));
  const bytes = await readFile(path);
  const header = '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  assert.equal(Number(bytes.readBigUInt64LE(0)), 56);
  assert.equal(bytes.toString('utf8', 8, 8 + 56), header.padEnd(56));
  assert.equal(bytes.readFloatLE(8 + 56), 1);
});

test('a tensor whose shape is not that of its numbers is not written', async () => {
  const path = join(folder, 'wrong.safetensors');
  await assert.rejects(writeSafetensors(path, new Map([['x', { shape: [3], data: new Float32Array(2) }]])), {
    name: 'RangeError',
    message: 'writeSafetensors: tensor x of shape [3] has 2 numbers, expected 3',
  });
  await assert.rejects(readFile(path), { code: 'ENOENT' });
});

test('half precision is widened and integers are passed over', async () => {
  const path = join(folder, 'half.safetensors');
  const header =
    '{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"n":{"dtype":"I64","shape":[],"data_offsets":[6,14]}}';
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(header.length));
  const halves = Buffer.from(Uint16Array.of(0x3c00, 0xc100, 0x0001).buffer);
  await writeFile(path, Buffer.concat([head, Buffer.from(header), halves, Buffer.alloc(8)]));
  const { tensors } = await readSafetensors(path);
  assert.deepEqual([...tensors.keys()], ['h']);
  assert.deepEqual([...tensors.get('h')!.data], [1, -2.5, 2 ** -24]);
});

test('a broken file is refused in one line that names it', async () => {
  const good = join(folder, 'good.safetensors');
  await writeSafetensors(good, sample());
  const bytes = await readFile(good);
  const wrongDtype = Buffer.from(bytes);
  wrongDtype.write('F99', bytes.indexOf('F32'));
  const cases: [string, Buffer, RegExp][] = [
    ['empty', Buffer.alloc(0), /0 bytes are too few/],
    ['cut header', bytes.subarray(0, 20), /header says it is \d+ bytes long, the file has 20/],
    ['cut data', bytes.subarray(0, bytes.length - 4), /tensor b\.weight ends at byte \d+, the file has \d+/],
    ['no json', Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(bytes.length - 8, 0x78)]), /not JSON/],
    ['other type', wrongDtype, /has type F99, expected F32 or F16/],
  ];
  for (const [name, content, message] of cases) {
    const path = join(folder, `${name}.safetensors`);
    await writeFile(path, content);
    await assert.rejects(readSafetensors(path), (error: Error) => {
      assert.equal(error.name, 'UserError');
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(path) && !error.message.includes('\n'), error.message);
      return true;
    });
  }
  await assert.rejects(readSafetensors(join(folder, 'absent')), /absent: cannot read weights file/);
});

test('a failed write leaves the old file and nothing else', async () => {
  const target = join(folder, 'missing-folder', 'x.safetensors');
  await assert.rejects(writeSafetensors(target, sample()), /cannot write weights/);
  assert.ok(!(await readdir(folder)).includes('missing-folder'));
});
