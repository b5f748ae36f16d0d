import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { fromEightBits } from './eightBits';
import { parseHeader } from './safetensorsHeader';

/** One tensor of a weights file, float32, row-major. */
export interface StoredTensor {
  /** Lengths of the axes, which of a weights file stand in PyTorch's order. */
  shape: number[];
  /** As many numbers as the shape says. */
  data: Float32Array;
}

/** Types of floating point numbers, and how their bytes become float32. */
const READERS: ReadonlyMap<string, (bytes: ArrayBufferLike) => Float32Array> = new Map([
  ['F32', (bytes) => new Float32Array(bytes)],
  ['F64', (bytes) => Float32Array.from(new Float64Array(bytes))],
  ['F16', (bytes) => floatsFromHalves(new Uint16Array(bytes))],
  ['BF16', (bytes) => floatsFromBrains(new Uint16Array(bytes))],
]);

/** Ending of the name under which an 8-bit tensor's scales lie beside it. */
export const SCALES = '.scale';
/** Length of the header's length field, in bytes. */
export const PREFIX = 8;
/** Most numbers that are read or written at once, 64 MB of them: the paper's largest layer has 822 MB. */
export const PIECE = 2 ** 24;
/** The format's own limit on the header; more is a broken or hostile file. */
const MAX_HEADER = 100 * 1024 * 1024;

/** The content of a safetensors file. */
export interface StoredTensors {
  tensors: Map<string, StoredTensor>;
  /** Strings of the header's `__metadata__`. */
  metadata: Record<string, string>;
}

/**
 * Reads the bytes of a safetensors file: 8 bytes with the header's length (little endian), a JSON header of `{name:
 * {dtype, shape, data_offsets}}`, then the tensors' bytes.
 *
 * Tensors of 64, 32 and 16 bits (also bfloat16) are returned as float32, and so is an I8 tensor `NAME` beside which
 * `NAME.scale` has the scale of each output channel (see {@link EightBitTensor}). Other integer tensors, such as
 * BatchNorm's `num_batches_tracked`, are passed over since nothing here uses them.
 *
 * @param path - What errors call the file.
 * @throws UserError if it is cut off, not safetensors, or breaks a rule of the format: tensors that leave gaps or
 * overlap, bytes behind the last one, a name that comes twice; if a tensor has a type that is not read, or scales that
 * don't fit it.
 */
export function parseSafetensors(bytes: Uint8Array, path: string): StoredTensors {
  const broken = brokenFile(path);
  const start = startOfTensors(bytes, bytes.length, broken);
  const { regions, metadata } = parseHeader(
    new TextDecoder().decode(bytes.subarray(PREFIX, start)),
    bytes.length - start,
    broken,
  );
  const tensors = new Map<string, StoredTensor>();
  const eightBit = new Map<string, { shape: number[]; numbers: Int8Array }>();
  for (const { name, dtype, shape, from, to } of regions) {
    const own = () => bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to);
    if (dtype === 'I8') eightBit.set(name, { shape, numbers: new Int8Array(own()) });
    if (/^(I|U|BOOL)/.test(dtype)) continue;
    const read = READERS.get(dtype);
    if (!read) {
      throw new UserError(
        `${path}: tensor ${name} has the type ${dtype}, which is not read; convert the file to one of ${[...READERS.keys()].join(', ')}`,
      );
    }
    tensors.set(name, { shape, data: read(own()) });
  }
  for (const [name, { shape, numbers }] of eightBit) {
    const scales = tensors.get(name + SCALES);
    if (!scales) continue;
    tensors.delete(name + SCALES);
    const fit = shape.length > 0 && String(scales.shape) === String([shape[0]]);
    if (!fit || !scales.data.every((scale) => scale >= 0 && scale < Infinity)) {
      throw broken(
        `tensor ${name}${SCALES} must have a finite scale for each of the ${shape[0] ?? 0} output channels of ${name}`,
      );
    }
    tensors.set(name, fromEightBits({ shape, numbers, scales: scales.data }));
  }
  return { tensors, metadata };
}

/** Makes the error of what is wrong with a file. */
export const brokenFile = (path: string) => (what: string) =>
  new UserError(`${path}: ${what}; the file is damaged or not safetensors, fetch or copy it again`);

/**
 * Where the header ends and the tensors begin, in bytes.
 *
 * @param bytes - The file's, or at least its first {@link PREFIX}.
 * @param size - Of the file.
 */
export function startOfTensors(bytes: Uint8Array, size: number, broken: (what: string) => Error): number {
  if (size < PREFIX) {
    throw broken(`${counted(size, 'byte is', 'bytes are')} too few for a weights file`);
  }
  const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (header > MAX_HEADER || PREFIX + header > size) {
    throw broken(`the header says it is ${header} bytes long, the file has ${size}`);
  }
  return PREFIX + header;
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
