import { open, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { checkArguments, isObject, PATH } from '../../core/arguments';
import { counted } from '../../core/counted';
import { explaining, messageOf, UserError } from '../../core/errors';
import { readWholeFile, writeWholeFile } from '../../core/wholeFile';
import type { EightBitTensor } from './eightBits';
import {
  brokenFile,
  PIECE,
  PREFIX,
  parseSafetensors,
  SCALES,
  type StoredTensor,
  type StoredTensors,
  startOfTensors,
} from './parseSafetensors';
import { isShape, parseHeader } from './safetensorsHeader';
import type { StreamedTensor } from './streamedTensor';

export type { StoredTensor } from './parseSafetensors';

/**
 * Read a safetensors file. Tensors of 64, 32 and 16 bits (also bfloat16) come as float32, and so do those in 8 bits
 * with a scale for each output channel, `NAME.scale`. Other integers, such as `num_batches_tracked`, are passed over.
 *
 * @param path - Of the file.
 * @returns The tensors by name, and the strings of the header's `__metadata__`.
 * @throws UserError if the file is missing, cut off, not safetensors, or breaks a rule of the format; or if a tensor
 * has a type that is not read, or scales that don't fit it.
 */
export async function readSafetensors(path: string): Promise<StoredTensors> {
  checkArguments('readSafetensors', { path }, { path: PATH });
  return parseSafetensors(await reading(path, () => readWholeFile(path)), path);
}

/**
 * The tensors of a file of ours, all of them float32, each read piece by piece when it is asked for.
 *
 * @throws UserError if the file can't be read, or is not safetensors; so do the pieces.
 */
export async function streamSafetensors(path: string): Promise<Map<string, StreamedTensor>> {
  const broken = brokenFile(path);
  const { size } = await reading(path, () => stat(path));
  const start = startOfTensors(await readPart(path, 0, PREFIX), size, broken);
  const text = new TextDecoder().decode(await readPart(path, PREFIX, start));
  const { regions } = parseHeader(text, size - start, broken);
  return new Map(
    regions.map(({ name, shape, from, to }) => [
      name,
      {
        shape,
        async *pieces() {
          for (let at = from; at < to; at += WIDTH.F32 * PIECE) {
            const bytes = await readPart(path, start + at, start + Math.min(at + WIDTH.F32 * PIECE, to));
            yield new Float32Array(bytes.buffer);
          }
        },
      },
    ]),
  );
}

/** Some of a file's bytes, in a buffer of their own. */
async function readPart(path: string, from: number, to: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from);
  const count = await reading(path, async () => {
    const file = await open(path);
    try {
      return (await file.read(bytes, 0, bytes.length, from)).bytesRead;
    } finally {
      await file.close();
    }
  });
  if (count < bytes.length) throw brokenFile(path)(`it ends at byte ${from + count}`);
  return bytes;
}

function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  return explaining(`${path}: cannot read weights file`, 'check the path', read);
}

export const METADATA = v.custom(
  (value) => isObject(value) && Object.values(value).every((text) => typeof text === 'string'),
  'texts by name',
);
const TENSORS = v.pipe(
  v.instance(Map, 'a Map of tensors'),
  v.check(
    (tensors) => [...tensors.values()].every((one) => Array.isArray(Object(one).shape)),
    'a Map of tensors',
  ),
);
const WRITTEN = { path: PATH, tensors: TENSORS, metadata: METADATA };

/**
 * Write tensors as safetensors, atomically: the file is either the old one or the whole new one. Those in 8 bits get a
 * second one for their scales, `NAME.scale`.
 *
 * @param path - Of the file, in a folder that is there.
 * @param tensors - Float32 ones, also those whose numbers come in pieces while they are written, and those that are to
 * be kept in 8 bits.
 * @param metadata - Strings kept in the header's `__metadata__`. Default: none.
 * @returns SHA-256 of the file, in hexadecimal.
 * @throws UserError if it can't be written. Also for a tensor whose shape is not that of its numbers. What reading
 * numbers throws that come in pieces.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor | StreamedTensor | EightBitTensor>,
  metadata: Record<string, string> = {},
): Promise<string> {
  checkArguments('writeSafetensors', { path, tensors, metadata }, WRITTEN);
  const stored = [...tensors].flatMap(([name, tensor]) => storedAs(name, tensor));
  // Readers that map a file in place need numbers of 4 bytes at a multiple of 4: numbers of one byte come last.
  stored.sort((a, b) => WIDTH[b.dtype] - WIDTH[a.dtype]);
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header.__metadata__ = metadata;
  }
  let offset = 0;
  for (const { name, dtype, shape, data } of stored) {
    const count = shape.reduce((product, n) => product * n, 1);
    if (!isShape(shape) || (typeof data !== 'function' && data.length !== count)) {
      throw new UserError(
        `writeSafetensors: tensor ${name} of shape [${shape}] has ${counted(data.length, 'number')}, expected ${count}`,
      );
    }
    const end = offset + count * WIDTH[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = JSON.stringify(header);
  // Readers map the data in place, so it starts at a multiple of 8; the format pads with spaces.
  const text = json.padEnd(
    Math.ceil(Buffer.byteLength(json) / 8) * 8 - Buffer.byteLength(json) + json.length,
  );
  const head = Buffer.alloc(PREFIX);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  // A backend that fails to give numbers is no failure to write them.
  let ofBackend: unknown;
  async function* bytesIn(pieces: AsyncIterable<Float32Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of pieces) yield bytesOf(piece);
    } catch (error) {
      ofBackend = error;
      throw error;
    }
  }
  const parts = stored.map(({ data }) => (typeof data === 'function' ? bytesIn(data()) : bytesOf(data)));
  try {
    return await writeWholeFile(path, head, text, ...parts);
  } catch (error) {
    if (error === ofBackend) throw error;
    throw new UserError(`${path}: cannot write weights (${messageOf(error)}); check space and permission`);
  }
}

/** Bytes of a number. */
const WIDTH = { F32: 4, I8: 1 } as const;

interface WrittenTensor {
  readonly name: string;
  readonly dtype: keyof typeof WIDTH;
  readonly shape: number[];
  readonly data: Float32Array | Int8Array | StreamedTensor['pieces'];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A tensor as the file has it: one of float32, or one of 8 bits and its scales. */
function storedAs(name: string, tensor: StoredTensor | StreamedTensor | EightBitTensor): WrittenTensor[] {
  if ('data' in tensor) return [{ name, dtype: 'F32', ...tensor }];
  if ('pieces' in tensor) return [{ name, dtype: 'F32', shape: tensor.shape, data: tensor.pieces }];
  const { shape, numbers, scales } = tensor;
  return [
    { name, dtype: 'I8', shape, data: numbers },
    { name: name + SCALES, dtype: 'F32', shape: [shape[0]], data: scales },
  ];
}
