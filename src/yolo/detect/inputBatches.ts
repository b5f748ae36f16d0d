import { mapConcurrently } from '../core/mapConcurrently';
import { readAhead } from '../core/readAhead';
import type { PictureSize } from '../grid/decode/decodeDetections';

/** A picture as a network sees it, and the picture's own size. */
export interface NetworkInput {
  /** `[inputSize, inputSize, 3]` values, ImageNet-normalised. */
  readonly pixels: Float32Array;
  readonly picture: PictureSize;
}

/** Inputs that go through the network together. */
export interface InputBatch {
  /** `[n, inputSize, inputSize, 3]` values, ImageNet-normalised. */
  readonly pixels: Float32Array;
  /** Size of each of the n pictures, in whose pixels boxes are told. */
  readonly pictures: readonly PictureSize[];
}

/** Pictures a forward pass: more gain nothing on a processor and cost memory. */
const BATCH = 8;
/** Pictures that are decoded at once; a photograph of 12 megapixels takes 36 MB. */
const DECODED = 4;

/**
 * Inputs in batches of 8 in the list's order. While the caller computes one batch, the next is decoded.
 *
 * @throws What `load` throws for the first element that can't be loaded, when its batch is due.
 */
export async function* inputBatches<T>(
  list: readonly T[],
  load: (element: T, index: number) => Promise<NetworkInput>,
): AsyncGenerator<InputBatch, void, undefined> {
  const loadBatch = (batch: number) => {
    const start = batch * BATCH;
    return mapConcurrently(list.slice(start, start + BATCH), DECODED, (element, index) =>
      load(element, start + index),
    );
  };
  const batches = { from: 0, end: Math.ceil(list.length / BATCH), ahead: 1 };
  for await (const inputs of readAhead(batches, loadBatch)) yield joined(inputs);
}

function joined(inputs: readonly NetworkInput[]): InputBatch {
  const length = inputs[0].pixels.length;
  const pixels = new Float32Array(inputs.length * length);
  inputs.forEach((input, index) => {
    pixels.set(input.pixels, index * length);
  });
  return { pixels, pictures: inputs.map(({ picture }) => picture) };
}
