import { messageOf, UserError } from '../core/errors';
import { readWholeFile, writeWholeFile } from '../core/wholeFile';
import { isShape, parseHeader } from './safetensorsHeader';

/** One tensor of a weights file, float32, row-major. */
export interface StoredTensor {
  shape: number[];
  data: Float32Array;
}

/** Types of floating point numbers, and how their bytes become float32. */
const READERS: ReadonlyMap<string, (bytes: ArrayBufferLike) => Float32Array> = new Map([
  ['F32', (bytes) => new Float32Array(bytes)],
  ['F64', (bytes) => Float32Array.from(new Float64Array(bytes))],
  ['F16', (bytes) => floatsFromHalves(new Uint16Array(bytes))],
  ['BF16', (bytes) => floatsFromBrains(new Uint16Array(bytes))],
]);

/** Length of the header's length field, in bytes. */
const PREFIX = 8;
/** The format's own limit on the header; more is a broken or hostile file. */
const MAX_HEADER = 100 * 1024 * 1024;

/**
 * Read a safetensors file: 8 bytes with the header's length (little endian), a JSON header of
 * `{name: {dtype, shape, data_offsets}}`, then the tensors' bytes.
 *
 * Tensors of 64, 32 and 16 bits (also bfloat16) are returned as float32; integer tensors, such as BatchNorm's
 * `num_batches_tracked`, are passed over since nothing here uses them.
 *
 * @throws UserError if the file is missing, cut off, not safetensors, or breaks a rule of the format: tensors that leave
 * gaps or overlap, bytes behind the last one, a name that comes twice; or if a tensor has a type that is not read.
 */
export async function readSafetensors(
  path: string,
): Promise<{ tensors: Map<string, StoredTensor>; metadata: Record<string, string> }> {
  let bytes: Buffer;
  try {
    bytes = await readWholeFile(path);
  } catch (error) {
    throw new UserError(`${path}: cannot read weights file (${messageOf(error)}); check the path`);
  }
  const broken = (what: string) =>
    new UserError(`${path}: ${what}; the file is damaged or not safetensors, fetch or copy it again`);
  if (bytes.length < PREFIX) {
    throw broken(`${bytes.length} bytes are too few for a weights file`);
  }
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > MAX_HEADER || PREFIX + headerLength > bytes.length) {
    throw broken(`the header says it is ${headerLength} bytes long, the file has ${bytes.length}`);
  }
  const start = PREFIX + headerLength;
  const { regions, metadata } = parseHeader(
    bytes.toString('utf8', PREFIX, start),
    bytes.length - start,
    broken,
  );
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, from, to } of regions) {
    if (/^(I|U|BOOL)/.test(dtype)) continue;
    const read = READERS.get(dtype);
    if (!read) {
      throw new UserError(
        `${path}: tensor ${name} has the type ${dtype}, which is not read; convert the file to one of ${[...READERS.keys()].join(', ')}`,
      );
    }
    tensors.set(name, {
      shape,
      data: read(bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to)),
    });
  }
  return { tensors, metadata };
}

/**
 * Write float32 tensors as safetensors, atomically: the file is either the old one or the whole new one.
 *
 * @param metadata - Strings kept in the header's `__metadata__`.
 * @returns SHA-256 of the file, in hexadecimal.
 * @throws UserError if it can't be written. RangeError for a tensor whose shape is not that of its numbers.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Record<string, string> = {},
): Promise<string> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header.__metadata__ = metadata;
  }
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const count = shape.reduce((product, n) => product * n, 1);
    if (!isShape(shape) || data.length !== count) {
      throw new RangeError(
        `writeSafetensors: tensor ${name} of shape [${shape}] has ${data.length} numbers, expected ${count}`,
      );
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  // Readers map the data in place, so it starts at a multiple of 8; the format pads with spaces.
  const text = json.padEnd(
    Math.ceil(Buffer.byteLength(json) / 8) * 8 - Buffer.byteLength(json) + json.length,
  );
  const head = Buffer.alloc(PREFIX);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  const parts = [...tensors.values()].map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  try {
    return await writeWholeFile(path, head, text, ...parts);
  } catch (error) {
    throw new UserError(`${path}: cannot write weights (${messageOf(error)}); check space and permission`);
  }
}

/** IEEE 754 half precision to single. */
function floatsFromHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      return sign * 2 ** -14 * (fraction / 1024);
    }
    if (exponent === 31) {
      return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    }
    return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
  });
}

/** bfloat16 is the upper half of a single. */
function floatsFromBrains(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
