import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../core/errors';
import type { EightBitTensor } from './eightBits';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors';

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
    name: 'UserError',
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

/** A file of this header and so many bytes of data. */
async function file(name: string, header: string, data: Buffer): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  await writeFile(path, Buffer.concat([head, Buffer.from(header), data]));
  return path;
}

const entry = (from: number, to: number, dtype = 'F32', shape = [(to - from) / 4]) =>
  JSON.stringify({ dtype, shape, data_offsets: [from, to] });

test('bfloat16 and double precision are read; types that are not are named', async () => {
  const data = Buffer.alloc(20);
  data.writeUInt16LE(0x3fc0, 0);
  data.writeUInt16LE(0xc000, 2);
  data.writeDoubleLE(0.1, 4);
  data.writeDoubleLE(-1e300, 12);
  const path = await file('wide', `{"b":${entry(0, 4, 'BF16', [2])},"d":${entry(4, 20, 'F64', [2])}}`, data);
  const { tensors } = await readSafetensors(path);
  assert.deepEqual([...tensors.get('b')!.data], [1.5, -2]);
  assert.deepEqual([...tensors.get('d')!.data], [Math.fround(0.1), Number.NEGATIVE_INFINITY]);
  const small = await file('small', `{"x":${entry(0, 4, 'F8_E4M3', [4])}}`, Buffer.alloc(4));
  await assert.rejects(
    readSafetensors(small),
    /tensor x has the type F8_E4M3, which is not read; convert the file to one of F32/,
  );
});

test('the rules of the format are kept: a file that breaks one is refused in words', async () => {
  const rules: [name: string, header: string, bytes: number, message: RegExp][] = [
    [
      'overlap',
      `{"a":${entry(0, 8)},"b":${entry(4, 12)}}`,
      12,
      /tensor b begins at byte 4 of the data, expected 8/,
    ],
    [
      'same bytes',
      `{"a":${entry(0, 8)},"b":${entry(0, 8)}}`,
      8,
      /tensor b begins at byte 0 of the data, expected 8/,
    ],
    [
      'gap',
      `{"a":${entry(0, 4)},"b":${entry(8, 12)}}`,
      12,
      /tensor b begins at byte 8 of the data, expected 4/,
    ],
    ['late start', `{"a":${entry(4, 8)}}`, 8, /tensor a begins at byte 4 of the data, expected 0/],
    ['trailing', `{"a":${entry(0, 4)}}`, 9, /its tensors end at byte 4 of the data, the file has 9/],
    ['twice', `{"a":${entry(0, 4)},"a" :${entry(0, 4)}}`, 4, /its header names a twice/],
    ['escaped twice', `{"a":${entry(0, 4)},"\\u0061":${entry(0, 4)}}`, 4, /its header names a twice/],
    ['null', '{"a":null}', 0, /tensor a has no valid shape and offsets/],
    ['number', '{"a":1}', 0, /tensor a has no valid shape and offsets/],
    ['list', '[]', 0, /not an object of tensors/],
    ['metadata', '{"__metadata__":{"a":1}}', 0, /its metadata are not texts by name/],
    [
      'prototype',
      `{"__proto__":${entry(0, 4, 'constructor')}}`,
      4,
      /tensor __proto__ has the unknown type "constructor"/,
    ],
  ];
  for (const [name, header, bytes, message] of rules) {
    const path = await file(name, header, Buffer.alloc(bytes));
    await assert.rejects(readSafetensors(path), (error) => {
      assert.ok(error instanceof UserError, `${name}: ${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
  // Tensors need not stand in the header in their order, and some hold nothing.
  const path = await file(
    'order',
    `{"b":${entry(4, 8)},"none":${entry(4, 4)},"a":${entry(0, 4)}}`,
    Buffer.alloc(8),
  );
  assert.equal((await readSafetensors(path)).tensors.size, 3);
});

const CASES = join(__dirname, '../../../../../shared/cases');

test('files that once went wrong', {
  skip: existsSync(CASES) ? false : `${CASES} is not there`,
}, async () => {
  assert.ok((await readSafetensors(join(CASES, 'weights/bf16.safetensors'))).tensors.size > 0);
  for (const name of [
    'weights/null_entry',
    'weights/overlap',
    'weights/trailing',
    'hostile/null-entry',
    'hostile/overlap',
  ]) {
    await assert.rejects(readSafetensors(join(CASES, `${name}.safetensors`)), UserError, name);
  }
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
    [
      'cut data',
      bytes.subarray(0, bytes.length - 4),
      /its tensors end at byte 28 of the data, the file has 24/,
    ],
    ['no json', Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(bytes.length - 8, 0x78)]), /not JSON/],
    ['other type', wrongDtype, /has the unknown type "F99"/],
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

test('tensors in 8 bits are read as float32, and lie behind those of 4 bytes', async () => {
  const path = join(folder, 'packed.safetensors');
  const kernel = {
    shape: [2, 3],
    numbers: Int8Array.of(-127, 0, 127, 1, 2, 3),
    scales: Float32Array.of(0.5, 2),
  };
  await writeSafetensors(path, new Map<string, StoredTensor | EightBitTensor>([['k', kernel], ...sample()]));
  const { tensors } = await readSafetensors(path);
  assert.deepEqual([...tensors.keys()].sort(), ['a', 'b.weight', 'k']);
  assert.deepEqual(tensors.get('k'), { shape: [2, 3], data: Float32Array.of(-63.5, 0, 63.5, 2, 4, 6) });
  const bytes = await readFile(path);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))));
  assert.deepEqual(header.k, { dtype: 'I8', shape: [2, 3], data_offsets: [36, 42] });
  assert.deepEqual(header['k.scale'], { dtype: 'F32', shape: [2], data_offsets: [0, 8] });
});

test('scales that do not fit their tensor are named; 8-bit tensors without any are passed over', async () => {
  const scales = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
  const tensor = `"k":${entry(0, 4, 'I8', [2, 2])}`;
  for (const [name, shape, data] of [
    ['few', [1], scales(1)],
    ['flat', [2, 1], scales(1, 1)],
    ['infinite', [2], scales(1, Infinity)],
    ['negative', [2], scales(1, -1)],
    ['nan', [2], scales(1, Number.NaN)],
  ] as const) {
    const header = `{${tensor},"k.scale":${entry(4, 4 + data.length, 'F32', [...shape])}}`;
    await assert.rejects(
      readSafetensors(await file(name, header, Buffer.concat([Buffer.alloc(4), data]))),
      /tensor k\.scale must have a finite scale for each of the 2 output channels of k; the file is damaged/,
    );
  }
  const { tensors } = await readSafetensors(await file('bare', `{${tensor}}`, Buffer.alloc(4)));
  assert.equal(tensors.size, 0);
});
