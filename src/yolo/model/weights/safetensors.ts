import * as v from 'valibot';
import { checkArguments, isObject, PATH } from '../../core/arguments';
import { messageOf, UserError } from '../../core/errors';
import { readWholeFile, writeWholeFile } from '../../core/wholeFile';
import type { EightBitTensor } from './eightBits';
import { PREFIX, parseSafetensors, SCALES, type StoredTensor, type StoredTensors } from './parseSafetensors';
import { isShape } from './safetensorsHeader';

export type { StoredTensor } from './parseSafetensors';

/**
 * Read a safetensors file; see {@link parseSafetensors} for what of it.
 *
 * @throws UserError if the file is missing, cut off, not safetensors, or breaks a rule of the format; or if a tensor has
 * a type that is not read, or scales that don't fit it.
 */
export async function readSafetensors(path: string): Promise<StoredTensors> {
  checkArguments('readSafetensors', { path }, { path: PATH });
  let bytes: Buffer;
  try {
    bytes = await readWholeFile(path);
  } catch (error) {
    throw new UserError(`${path}: cannot read weights file (${messageOf(error)}); check the path`);
  }
  return parseSafetensors(bytes, path);
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
 * @param tensors - Float32 ones, and those that are to be kept in 8 bits.
 * @param metadata - Strings kept in the header's `__metadata__`.
 * @returns SHA-256 of the file, in hexadecimal.
 * @throws UserError if it can't be written. Also for a tensor whose shape is not that of its numbers.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor | EightBitTensor>,
  metadata: Record<string, string> = {},
): Promise<string> {
  checkArguments('writeSafetensors', { path, tensors, metadata }, WRITTEN);
  const stored = [...tensors].flatMap(([name, tensor]) => storedAs(name, tensor));
  // Readers that map a file in place need numbers of 4 bytes at a multiple of 4: numbers of one byte come last.
  stored.sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header.__metadata__ = metadata;
  }
  let offset = 0;
  for (const { name, dtype, shape, data } of stored) {
    const count = shape.reduce((product, n) => product * n, 1);
    if (!isShape(shape) || data.length !== count) {
      throw new UserError(
        `writeSafetensors: tensor ${name} of shape [${shape}] has ${data.length} numbers, expected ${count}`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  // Readers map the data in place, so it starts at a multiple of 8; the format pads with spaces.
  const text = json.padEnd(
    Math.ceil(Buffer.byteLength(json) / 8) * 8 - Buffer.byteLength(json) + json.length,
  );
  const head = Buffer.alloc(PREFIX);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  const parts = stored.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  try {
    return await writeWholeFile(path, head, text, ...parts);
  } catch (error) {
    throw new UserError(`${path}: cannot write weights (${messageOf(error)}); check space and permission`);
  }
}

interface WrittenTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'I8';
  readonly shape: number[];
  readonly data: Float32Array | Int8Array;
}

/** A tensor as the file has it: one of float32, or one of 8 bits and its scales. */
function storedAs(name: string, tensor: StoredTensor | EightBitTensor): WrittenTensor[] {
  if ('data' in tensor) return [{ name, dtype: 'F32', ...tensor }];
  const { shape, numbers, scales } = tensor;
  return [
    { name, dtype: 'I8', shape, data: numbers },
    { name: name + SCALES, dtype: 'F32', shape: [shape[0]], data: scales },
  ];
}
