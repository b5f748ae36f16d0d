import type * as tf from '@tensorflow/tfjs';

/**
 * Refuse a tensor of another rank, or one that is not float32.
 *
 * @param op - Name of the operation, for the message.
 * @throws Error naming operation and argument, what came and what was expected.
 */
export function checkTensor(op: string, argument: string, x: tf.Tensor, rank: number): void {
  if (x.rank !== rank) {
    throw new Error(`${op}: ${argument} has shape [${x.shape}], expected rank ${rank}`);
  }
  if (x.dtype !== 'float32') {
    throw new Error(`${op}: ${argument} has type ${x.dtype}, expected float32`);
  }
}

/** Refuse a vector that has not one value a channel. */
export function checkChannels(op: string, argument: string, x: tf.Tensor, channels: number): void {
  checkTensor(op, argument, x, 1);
  if (x.size !== channels) {
    throw new Error(`${op}: ${argument} has ${x.size} values, expected ${channels}, one a channel`);
  }
}

/** Refuse a number that is not whole or below a bound. */
export function checkWhole(op: string, argument: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`${op}: ${argument} is ${value}, expected a whole number from ${least}`);
  }
}
