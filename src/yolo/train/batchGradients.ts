import * as tf from '@tensorflow/tfjs';
import { Random } from '../core/random';
import { encodeObjects } from '../data/gridObjects';
import type { Batch } from '../data/loader';
import type { DetectionLoss } from '../loss/detectionLoss';
import { slicesOf } from '../memory/measure/guard';
import type { Detector } from '../model/detector';
import { takeData } from '../tensor/takeData';
import { type MicroBatchLoss, microBatchLossOf } from './microBatchLoss';
import { accumulateGradients, type BatchGradients } from './step';

/**
 * Loss and gradients of a batch as a training step computes them before it clips: `microBatch` pictures at a time, whose
 * gradients are added. BatchNorm takes its statistics as the detector's modes say, and dropout draws by picture.
 *
 * @param microBatch - Default: the whole batch at once.
 * @returns Gradients of all parameters; the caller disposes them.
 * @throws UserError for a micro-batch of a loss that can't be accumulated, with the reason.
 */
export async function batchGradients(
  detector: Detector,
  loss: DetectionLoss,
  { keys, images, objects }: Pick<Batch, 'keys' | 'images' | 'objects'>,
  microBatch = keys.length,
): Promise<BatchGradients> {
  const slices = slicesOf(keys.length, microBatch);
  const lossOf: MicroBatchLoss =
    slices.length > 1
      ? microBatchLossOf(loss, detector)(objects)
      : (predictions) => loss(predictions, encodeObjects(detector.spec.classes, predictions.shape, objects));
  const random = new Random('dropout');
  const passes = slices.map((slice) => () => {
    const { start, end } = slice;
    const pictureSeeds = keys.slice(start, end).map((key) => random.fork(key).uint32());
    const part = images.slice(start, end - start);
    return lossOf(detector.forward(part, { training: true, pictureSeeds }), slice);
  });
  return accumulateGradients(passes, detector.parameters());
}

/**
 * Length of the difference of two gradients over all parameters, as a share of the first one's length.
 *
 * @throws Error if they are of other parameters.
 */
export async function gradientDistance(
  a: ReadonlyMap<string, tf.Tensor>,
  b: ReadonlyMap<string, tf.Tensor>,
): Promise<number> {
  const missing = [...a.keys()].find((name) => !b.has(name));
  if (missing !== undefined || a.size !== b.size) {
    throw new Error(`gradientDistance: ${missing ?? 'a parameter'} is in one of the gradients only`);
  }
  const squares = tf.tidy(() => {
    const sum = (of: (name: string) => tf.Tensor) =>
      tf.addN([...a.keys()].map((name) => of(name).square().sum()));
    return tf.stack([sum((name) => a.get(name)!.sub(b.get(name)!)), sum((name) => a.get(name)!)]);
  });
  const [apart, whole] = await takeData(squares);
  return Math.sqrt(apart / whole);
}
