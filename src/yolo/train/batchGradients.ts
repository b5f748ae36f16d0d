import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { COUNT, checkArguments, listOf, record, tensor } from '../core/arguments';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import { encodeObjects } from '../data/gridObjects';
import type { Batch } from '../data/loader';
import { type DetectionLoss, LOSS, type LossValue } from '../loss/detectionLoss';
import { slicesOf } from '../memory/measure/guard';
import { Detector } from '../model/detector';
import { takeData } from '../tensor/takeData';
import { type MicroBatchLoss, microBatchLossOf } from './microBatchLoss';
import { numbersBefore } from './numbersBefore';
import { accumulateGradients, type BatchGradients } from './step';

const ARGUMENTS = {
  detector: v.instance(Detector, 'a Detector'),
  loss: LOSS,
  batch: record('a batch', {
    keys: listOf('one or more keys of pictures', (key) => typeof key === 'string', 1),
    images: tensor('a tensor of pictures'),
    objects: listOf('a list of objects for each picture', Array.isArray),
  }),
  microBatch: v.optional(COUNT),
};
const GRADIENTS = v.instance(Map, 'a Map of gradients');

/**
 * Loss and gradients of a batch as a training step computes them before it clips: `microBatch` pictures at a time,
 * whose gradients are added. BatchNorm takes its statistics as the detector's modes say, and dropout draws by picture.
 *
 * @param detector - Initialised, and not folded.
 * @param loss - Of the detector's kind of outputs.
 * @param batch - Such as a {@link Loader} gives; its images stay the caller's.
 * @param microBatch - Pictures that go through the network at once. Default: all of them.
 * @returns The loss, and gradients of all parameters that it depends on, which the caller disposes.
 * @throws UserError for an argument of another kind, and for a micro-batch of a loss that can't be accumulated, with
 * the reason.
 */
export async function batchGradients(
  detector: Detector,
  loss: DetectionLoss,
  batch: Pick<Batch, 'keys' | 'images' | 'objects'>,
  microBatch?: number,
): Promise<BatchGradients> {
  checkArguments('batchGradients', { detector, loss, batch, microBatch }, ARGUMENTS);
  const { keys, images, objects } = batch;
  const slices = slicesOf(keys.length, microBatch ?? keys.length);
  const lossOf: MicroBatchLoss =
    slices.length > 1
      ? microBatchLossOf(loss, detector)(objects)
      : (predictions, _, numbers) => {
          const target = encodeObjects(detector.spec.classes, predictions.shape, objects);
          return loss(predictions, target, undefined, numbers);
        };
  const random = new Random('dropout');
  const passes: (() => LossValue)[] = [];
  for (const slice of slices) {
    const { start, end } = slice;
    const pictureSeeds = keys.slice(start, end).map((key) => random.fork(key).uint32());
    const forward = (again: boolean) =>
      detector.forward(images.slice(start, end - start), { training: true, pictureSeeds, again });
    const numbers = await numbersBefore(loss.description.readsPredictions, () => forward(true));
    passes.push(() => lossOf(forward(false), slice, numbers));
  }
  return accumulateGradients(passes, detector.parameters());
}

/**
 * Length of the difference of two gradients over all parameters, as a share of the first one's length.
 *
 * @param a - By parameter name, as `batchGradients` gives them.
 * @param b - Of the same parameters.
 * @returns 0 for equal ones.
 * @throws UserError for anything but gradients, and if they are of other parameters.
 */
export async function gradientDistance(
  a: ReadonlyMap<string, tf.Tensor>,
  b: ReadonlyMap<string, tf.Tensor>,
): Promise<number> {
  checkArguments('gradientDistance', { a, b }, { a: GRADIENTS, b: GRADIENTS });
  const missing = [...a.keys()].find((name) => !b.has(name));
  if (missing !== undefined || a.size !== b.size) {
    throw new UserError(`gradientDistance: ${missing ?? 'a parameter'} is in one of the gradients only`);
  }
  const squares = tf.tidy(() => {
    const sum = (of: (name: string) => tf.Tensor) =>
      tf.addN([...a.keys()].map((name) => of(name).square().sum()));
    return tf.stack([sum((name) => a.get(name)!.sub(b.get(name)!)), sum((name) => a.get(name)!)]);
  });
  const [apart, whole] = await takeData(squares);
  return Math.sqrt(apart / whole);
}
