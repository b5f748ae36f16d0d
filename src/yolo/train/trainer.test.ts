// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import type { AnnotatedObject } from '../data/annotation';
import type { Batch } from '../data/loader';
import { encodeGrid } from '../grid/gridTarget';
import type { DetectionLoss } from '../loss/detectionLoss';
import { originalLoss } from '../loss/originalLoss';
import { sigmoidLoss } from '../loss/sigmoidLoss';
import { yoloLoss } from '../loss/yoloLoss';
import { Detector } from '../model/detector';
import type { BatchNormMode } from '../model/layers/norm';
import { initBackend } from '../tensor/backend';
import { microBatchLossOf } from './microBatchLoss';
import { Optimizer } from './optimizer';
import type { StepReport } from './stepReport';
import { Trainer } from './trainer';

before(async () => {
  await initBackend();
});

const CLASSES = ['cat', 'dog', 'sheep'];
const object = (
  name: string,
  [left, top, right, bottom]: [number, number, number, number],
): AnnotatedObject => ({
  name,
  box: { left, top, right, bottom },
  difficult: false,
});
/** Five pictures, so that micro-batches of two don't divide them; objects lie unevenly. */
const OBJECTS: AnnotatedObject[][] = [
  [object('cat', [0.05, 0.1, 0.35, 0.4]), object('sheep', [0.3, 0.3, 0.95, 0.8])],
  [],
  [object('dog', [0.6, 0.05, 0.7, 0.55])],
  [object('dog', [0, 0, 1, 1]), object('cat', [0.1, 0.6, 0.4, 0.9]), object('cat', [0.6, 0.1, 0.9, 0.3])],
  [object('sheep', [0.2, 0.5, 0.5, 0.95])],
];

interface Case {
  loss: DetectionLoss;
  microBatch: number | null;
  norm: 'batch' | 'group';
  /** Of BatchNorm. Default frozen. */
  mode?: BatchNormMode;
  part?: 'head' | 'all';
}

/** Keeps the gradients that it is given instead of an update. */
class Recorder extends Optimizer {
  readonly seen = new Map<string, Float32Array>();

  override apply(gradients: ReadonlyMap<string, tf.Tensor>): void {
    for (const [name, gradient] of gradients) {
      this.seen.set(name, gradient.dataSync().slice() as Float32Array);
    }
  }
}

/** One step on the five pictures, dropout included: its report and its gradients. */
async function step({ loss, microBatch, norm, mode = 'frozen', part = 'head' }: Case) {
  const held = tf.memory().numTensors;
  const detector = new Detector({
    backbone: part === 'head' ? 'resnet18' : 'baseline',
    head: 'convolutional',
    inputSize: 128,
    gridSize: part === 'head' ? 4 : 2,
    predictors: 2,
    classes: CLASSES,
    headWidth: 32,
    dropout: 0.3,
    norm,
  });
  const network = part === 'head' ? detector.head : detector;
  if (part === 'all') detector.initialise(1);
  else detector.head.initialise(detector.featureShape, new Random(1));
  for (const piece of ['backbone', 'head'] as const) detector.setBatchNormMode(piece, mode);
  const shape = part === 'head' ? detector.featureShape : detector.inputShape;
  const optimizer = new Recorder({ kind: 'sgd' }, [{ parameters: network.parameters(), learningRate: 1 }]);
  const target = encodeGrid(
    OBJECTS.map((list) => list.map(({ box, name }) => ({ box, classIndex: CLASSES.indexOf(name) }))),
    { gridSize: detector.spec.gridSize, classes: CLASSES.length },
  );
  async function* batches(): AsyncGenerator<Batch> {
    const size = [OBJECTS.length, ...shape] as [number, number, number, number];
    const images = tf.tidy(() => tf.randomNormal<tf.Rank.R4>(size, 0.3, 1, 'float32', 7));
    yield { keys: OBJECTS.map((_, n) => `picture ${n}`), images, objects: OBJECTS };
  }
  const trainer = new Trainer({
    network,
    optimizer,
    forward: (inputs, context) =>
      part === 'head' ? detector.predictFromFeatures(inputs, context) : detector.forward(inputs, context),
    loss: (predictions) => loss(predictions, target),
    ...(microBatch === null ? {} : { microBatchLoss: microBatchLossOf(loss, detector) }),
    microBatch,
    batches,
    batchesPerEpoch: 1,
    epochs: 1,
    schedule: { kind: 'constant' },
    warmUpSteps: 0,
    clipNorm: null,
    emaDecay: null,
    seed: 3,
  });
  const reports: StepReport[] = [];
  for await (const report of trainer.epoch(0)) reports.push(report);
  trainer.dispose();
  optimizer.dispose();
  detector.dispose();
  assert.equal(tf.memory().numTensors, held);
  return { report: reports[0], gradients: optimizer.seen };
}

/** How far two steps are apart: the loss relatively, gradients against the largest of their parameter. */
function difference(a: Awaited<ReturnType<typeof step>>, b: typeof a) {
  let gradients = 0;
  assert.deepEqual([...a.gradients.keys()], [...b.gradients.keys()]);
  for (const [name, values] of a.gradients) {
    const other = b.gradients.get(name)!;
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const apart = values.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
    gradients = Math.max(gradients, apart === 0 ? 0 : apart / largest);
  }
  return { loss: Math.abs(a.report.loss - b.report.loss) / a.report.loss, gradients };
}

// As steep as the original's root is at a width of 0, it would blow up what outputs of other batches are rounded to, by a
// factor that differs between processors. What is tested is that the shares add up.
const rootEpsilon = 1e-2;
const LOSSES: [string, DetectionLoss][] = [
  ['yolo', yoloLoss()],
  ['yolo sum', yoloLoss({ reduction: 'sum' })],
  ['yolo picture', yoloLoss({ box: 'picture', noObject: 'emptyCells' })],
  ['yolo sigmoid, target one', yoloLoss({ box: 'sigmoid', confidence: 'sigmoid', confidenceTarget: 'one' })],
  ['yolo focal', yoloLoss({ confidenceLoss: { kind: 'focal' } })],
  ['yolo focal cross-entropy', yoloLoss({ confidenceLoss: { kind: 'focalCrossEntropy' } })],
  ['original', originalLoss({ confidenceLoss: { kind: 'squared' }, rootEpsilon })],
  ['original focal', originalLoss({ confidenceLoss: { kind: 'focal' }, rootEpsilon })],
  ...(['giou', 'diou', 'ciou'] as const).map((overlap): [string, DetectionLoss] => [
    `sigmoid ${overlap}`,
    sigmoidLoss({ overlap }),
  ]),
];

for (const [name, loss] of LOSSES) {
  for (const norm of ['batch', 'group'] as const) {
    test(`micro-batches of two give the loss and gradients of all five at once: ${name}, ${norm === 'batch' ? 'frozen BatchNorm' : 'GroupNorm'}`, async () => {
      const whole = await step({ loss, norm, microBatch: null });
      const cut = await step({ loss, norm, microBatch: 2 });
      const apart = difference(whole, cut);
      assert.ok(apart.loss < 1e-5 && apart.gradients < 1e-5, JSON.stringify(apart));
      assert.deepEqual(Object.keys(cut.report.parts), Object.keys(whole.report.parts));
      for (const [part, value] of Object.entries(whole.report.parts)) {
        assert.ok(Math.abs(cut.report.parts[part] - value) <= 1e-5 * whole.report.loss, part);
      }
      assert.equal(cut.report.pictures, 5);
      assert.ok(whole.report.gradientNorm > 0);
    });
  }
}

test('the same holds through the whole network, picture by picture', async () => {
  const of = { loss: yoloLoss(), norm: 'batch', part: 'all' } as const;
  const apart = difference(await step({ ...of, microBatch: null }), await step({ ...of, microBatch: 1 }));
  assert.ok(apart.loss < 1e-5 && apart.gradients < 1e-5, JSON.stringify(apart));
});

test('BatchNorm on batch statistics makes micro-batches another training: its statistics are of fewer pictures', async () => {
  const of = { loss: yoloLoss(), norm: 'batch', mode: 'batch' } as const;
  const apart = difference(await step({ ...of, microBatch: null }), await step({ ...of, microBatch: 2 }));
  assert.ok(apart.gradients > 0.05, JSON.stringify(apart));
});

test('a micro-batch that holds the whole batch changes nothing', async () => {
  const of = { loss: yoloLoss(), norm: 'batch', mode: 'batch' } as const;
  const apart = difference(await step({ ...of, microBatch: null }), await step({ ...of, microBatch: 5 }));
  assert.deepEqual(apart, { loss: 0, gradients: 0 });
});

test('a loss whose shares do not add up is refused with the reason', () => {
  const loss = yoloLoss({ confidenceLoss: { kind: 'focalProduct' } });
  const detector = { spec: { gridSize: 4, classes: CLASSES } } as unknown as Detector;
  assert.throws(
    () => microBatchLossOf(loss, detector),
    (error) =>
      error instanceof UserError &&
      error.message ===
        "microBatch: the loss 'yolo' cannot be accumulated (its noObject part is a product of two sums over the batch: products of the micro-batches do not add up to it); take a batchSize that goes through at once",
  );
});
