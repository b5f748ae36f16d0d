import * as tf from '@tensorflow/tfjs';
import { takeData } from '../../tensor/takeData';
import { PIECE, type StoredTensor } from './parseSafetensors';

/**
 * A float32 tensor whose numbers come in pieces, in row-major order, so that no more than one need be held at a time.
 */
export interface StreamedTensor {
  /** The numbers of all pieces are as many as it says. */
  readonly shape: number[];
  /** The numbers from the start, as often as asked. */
  pieces(): AsyncIterable<Float32Array>;
}

/**
 * The numbers of a tensor as they are when they are asked for.
 *
 * @param order - Its axes in the order in which they are wanted. Default: as they are.
 */
export function streamOf(tensor: tf.Tensor, order = tensor.shape.map((_, axis) => axis)): StreamedTensor {
  const shape = order.map((axis) => tensor.shape[axis]);
  return {
    shape,
    async *pieces() {
      if (tensor.size <= PIECE) {
        // A copy in any order: WebGPU keeps the numbers that were read of a tensor beside it.
        yield await takeData(tf.tidy(() => tensor.transpose(order)));
        return;
      }
      const [axis] = order;
      const rows = Math.max(1, Math.floor(PIECE / (tensor.size / shape[0])));
      for (let row = 0; row < shape[0]; row += rows) {
        const begin = tensor.shape.map((_, index) => (index === axis ? row : 0));
        const size = tensor.shape.map((n, index) => (index === axis ? Math.min(rows, n - row) : n));
        yield await takeData(tf.tidy(() => tensor.slice(begin, size).transpose(order)));
      }
    },
  };
}

/** All numbers of a tensor. */
export async function numbersOf(tensor: StoredTensor | StreamedTensor): Promise<Float32Array> {
  if ('data' in tensor) return tensor.data;
  const numbers = new Float32Array(tensor.shape.reduce((product, n) => product * n, 1));
  let done = 0;
  for await (const piece of tensor.pieces()) {
    numbers.set(piece, done);
    done += piece.length;
  }
  return numbers;
}
