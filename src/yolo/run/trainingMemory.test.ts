// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import type { AnnotatedObject } from '../data/annotation';
import type { Batch } from '../data/loader';
import { encodeGrid } from '../grid/gridTarget';
import { yoloLoss } from '../loss/yoloLoss';
import { MemoryLimitError } from '../memory/measure/guard';
import type { MemoryProbe } from '../memory/measure/probe';
import { Detector } from '../model/detector';
import type { DetectorSpec } from '../model/detectorSpec';
import { numbersOf } from '../model/weights/streamedTensor';
import { type BackendInfo, initBackend } from '../tensor/backend';
import { microBatchLossOf } from '../train/microBatchLoss';
import { Optimizer } from '../train/optimizer';
import type { StepReport } from '../train/stepReport';
import { Trainer } from '../train/trainer';
import { type ExperimentOverrides, resolveConfig } from './config/config';
import type { InputSizes } from './config/inputSizes';
import { planTraining } from './setup/memoryPlan';
import { TrainingMemory } from './trainingMemory';

let backend: BackendInfo;

before(async () => {
  backend = await initBackend();
});

const CLASSES = ['cat', 'dog'];
const MODEL = {
  backbone: 'resnet18',
  head: 'convolutional',
  inputSize: 128,
  gridSize: 4,
  predictors: 2,
} as const;
const OVERRIDES: ExperimentOverrides = {
  name: 'memory',
  profile: 'smoke',
  train: ['Scenes/train'],
  evaluate: ['Scenes/val'],
  model: MODEL,
  loss: { kind: 'yolo' },
  epochs: 1,
  batchSize: 8,
};
const PICTURES = 8;
const objects: AnnotatedObject[][] = Array.from({ length: PICTURES }, (_, n) =>
  n % 3 === 1
    ? []
    : [
        {
          name: CLASSES[n % 2],
          box: { left: 0.1, top: n / 20, right: 0.3 + n / 12, bottom: 0.9 },
          difficult: false,
        },
      ],
);

interface Setting {
  steps?: number;
  norm?: 'batch' | 'group';
  probe?: MemoryProbe;
  budget?: number;
  /** Called before each pass through the network, with the number of the pass over all steps, and after it. */
  inForward?: (pass: number) => void;
  inBackward?: (pass: number) => void;
  inUpdate?: (step: number) => void;
  /** After each step; what it returns is not freed. */
  afterStep?: (step: number) => void;
  divisible?: boolean;
  /** To begin with. Default all at once. */
  microBatch?: number;
}

/** Train a head on noise with dropout, averages and moments. */
async function train(setting: Setting) {
  const { steps = 4, norm = 'group', budget } = setting;
  const held = tf.memory().numTensors;
  const detector = new Detector({ ...MODEL, classes: CLASSES, headWidth: 32, dropout: 0.3, norm });
  detector.head.initialise(detector.featureShape, new Random(1));
  detector.setBatchNormMode('head', 'batch');
  const loss = yoloLoss();
  const config = resolveConfig(OVERRIDES);
  const plan = planTraining({ config, detector, batch: PICTURES, backend, loss: loss.description });
  const optimizer = new Optimizer({ kind: 'adamw', weightDecay: 0.01 }, [
    { parameters: detector.head.parameters(), learningRate: 0.01 },
  ]);
  const apply = optimizer.apply.bind(optimizer);
  optimizer.apply = (gradients, factor) => {
    setting.inUpdate?.(optimizer.steps + 1);
    apply(gradients, factor);
  };
  const said: string[] = [];
  const memory = new TrainingMemory({
    plan: {
      ...plan,
      microBatch: setting.microBatch ?? PICTURES,
      ...(budget ? { budget: { bytes: budget, source: 'test' } } : {}),
    },
    network: detector.head,
    device: backend.device,
    divisible: setting.divisible ?? true,
    steps,
    probe: setting.probe,
    onMemory: (message) => said.push(message),
  });
  let passes = 0;
  const size: [number, number, number, number] = [
    PICTURES,
    ...(detector.featureShape as [number, number, number]),
  ];
  async function* batches(): AsyncGenerator<Batch> {
    for (let step = 0; step < steps; step++) {
      const images = tf.tidy(() => tf.randomNormal<tf.Rank.R4>(size, 0.3, 1, 'float32', step + 1));
      yield { keys: objects.map((_, n) => `picture ${n}`), images, objects };
    }
  }
  const target = (list: typeof objects) =>
    encodeGrid(
      list.map((of) => of.map(({ box, name }) => ({ box, classIndex: CLASSES.indexOf(name) }))),
      { gridSize: 4, classes: CLASSES.length },
    );
  const trainer = new Trainer({
    network: detector.head,
    optimizer,
    forward(inputs, context) {
      passes += 1;
      const pass = passes;
      const through = tf.customGrad((x) => ({
        value: (x as tf.Tensor).clone(),
        gradFunc: (dy) => {
          setting.inBackward?.(pass);
          return (dy as tf.Tensor).clone();
        },
      }));
      const predictions = detector.predictFromFeatures(inputs, context);
      setting.inForward?.(pass);
      return through(predictions) as tf.Tensor4D;
    },
    loss: (predictions, of) => loss(predictions, target([...of].map((list) => [...list]))),
    microBatchLoss: microBatchLossOf(loss, detector),
    memory,
    batches,
    batchesPerEpoch: steps,
    epochs: 1,
    schedule: { kind: 'constant' },
    warmUpSteps: 0,
    clipNorm: 10,
    emaDecay: 0.9,
    seed: 3,
  });
  const reports: StepReport[] = [];
  try {
    for await (const report of trainer.epoch(0)) {
      reports.push(report);
      setting.afterStep?.(report.step);
    }
    memory.tellLeaks();
    const weights = new Map<string, Float32Array>();
    for (const [name, stream] of trainer.state()) weights.set(name, await numbersOf(stream));
    return { weights, reports, passes, said, record: memory.record() };
  } finally {
    memory.dispose();
    trainer.dispose();
    optimizer.dispose();
    detector.dispose();
    if (!setting.afterStep) {
      assert.equal(tf.memory().numTensors, held);
    }
  }
}

type Outcome = Awaited<ReturnType<typeof train>>;

/** Largest difference of any weight, moment, average or statistic, against the largest of its tensor. */
function apart(a: Outcome, b: Outcome): number {
  let most = 0;
  for (const [name, values] of a.weights) {
    const other = b.weights.get(name)!;
    const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-12);
    const difference = values.reduce((top, value, i) => Math.max(top, Math.abs(value - other[i])), 0);
    most = Math.max(most, difference / largest);
  }
  return most;
}

const memoryEnds = () => {
  throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8,4,4,16]');
};
const once = (at: number, act: () => void) => {
  let due = true;
  return (count: number) => {
    if (due && count === at) {
      due = false;
      act();
    }
  };
};

const HALVED = 'memory ran out, step computed again; no budget: micro-batch';

for (const where of ['forward', 'backward'] as const) {
  test(`memory that ends in the middle of a step changes nothing but the micro-batch: ${where} pass`, async () => {
    const whole = await train({});
    // Twice: in the one pass of step 2, and in the second of the two passes of step 3.
    const fail = new Set([2, 6]);
    const act = (pass: number) => {
      if (fail.delete(pass)) memoryEnds();
    };
    const cut = await train(where === 'forward' ? { inForward: act } : { inBackward: act });
    assert.equal(fail.size, 0);
    assert.deepEqual(cut.said, [`step 2: ${HALVED} 8 -> 4`, `step 3: ${HALVED} 4 -> 2`]);
    assert.deepEqual(cut.record.microBatch, { first: 8, last: 2 });
    assert.deepEqual(cut.record.messages, cut.said);
    const difference = apart(whole, cut);
    assert.ok(difference < 1e-5, `weights differ by ${difference}`);
    cut.reports.forEach(({ loss }, step) => {
      assert.ok(Math.abs(loss / whole.reports[step].loss - 1) < 1e-5);
    });
  });
}

test('running statistics are put back before a step is computed again', async () => {
  const of = { steps: 2, norm: 'batch' } as const;
  const planned = await train({ ...of, microBatch: 4 });
  for (const failing of ['inForward', 'inBackward']) {
    // By then all eight pictures have moved the statistics.
    const failed = await train({ ...of, [failing]: once(1, memoryEnds) });
    assert.equal(failed.passes, 5);
    assert.equal(apart(planned, failed), 0);
  }
});

test('memory that ends with single pictures, or in an update, ends the training in one line', async () => {
  await assert.rejects(
    train({ inForward: memoryEnds }),
    (error) =>
      error instanceof MemoryLimitError &&
      /^memory ran out: no budget, peak [\d.]+ [MG]B, micro-batch 1; take a smaller head or input, freeze the backbone, or give the machine more memory$/.test(
        error.message,
      ),
  );
  await assert.rejects(train({ inUpdate: once(2, memoryEnds) }), /^MemoryLimitError: memory ran out: /);
});

test('a loss that cannot be cut is not cut when memory runs out', async () => {
  await assert.rejects(
    train({ divisible: false, inForward: once(2, memoryEnds) }),
    /^MemoryLimitError: memory ran out: no budget, peak [\d.]+ [MG]B, micro-batch 8; take a smaller head/,
  );
});

/** Answers with the given readings, one a step; the guard looks once after each. */
function readings(...gigabytes: number[]): { probe: MemoryProbe; afterStep(step: number): void } {
  let step = 0;
  return {
    probe: { source: 'test', read: () => 1e9 * gigabytes[Math.min(step, gigabytes.length - 1)] },
    afterStep(done) {
      step = done;
    },
  };
}

test('above the soft limit the micro-batch is lowered, the updates stay', async () => {
  const whole = await train({});
  const low = await train({ ...readings(3, 5.5, 5.5, 5.8), budget: 6e9 });
  assert.deepEqual(low.said, [
    'step 2: 5.50 GB in use (test); budget 6.00 GB: micro-batch 8 -> 4',
    'step 4: 5.80 GB in use (test); budget 6.00 GB: micro-batch 4 -> 2',
  ]);
  assert.equal(low.passes, 1 + 1 + 2 + 2);
  assert.ok(apart(whole, low) < 1e-5);
});

test('above the hard limit the training ends with budget, peak, batch and the next batch to try', async () => {
  await assert.rejects(
    train({ ...readings(3, 6.5), budget: 6e9 }),
    (error) =>
      error instanceof MemoryLimitError &&
      error.nextMicroBatch === 4 &&
      error.message ===
        '6.50 GB in use (test): budget 6.00 GB, peak 6.50 GB, micro-batch 8; try micro-batch 4, or give a larger budget',
  );
});

test('what was taken is told by phase; tensors that come and stay are named', async () => {
  const leaked: tf.Tensor[] = [];
  const steps = 12;
  const { record, said } = await train({ steps, afterStep: () => leaked.push(tf.zeros([7, 11])) });
  tf.dispose(leaked);
  const { peaks, timeline, growth } = record;
  assert.deepEqual(Object.keys(peaks), ['load', 'forward', 'backward', 'update']);
  assert.equal(timeline.length, 1 + 3 * steps);
  assert.ok(peaks.backward!.tensors > peaks.load!.tensors);
  assert.ok(record.baseline > 5e7 && peaks.update!.bytes >= record.baseline * 0.5);
  assert.equal(growth!.samples, steps - 3);
  assert.deepEqual(growth!.tensors, ['tensor [7, 11]: 3 -> 11 (2 kB)']);
  assert.deepEqual(said, ['leak: tensor [7, 11]: 3 -> 11 (2 kB)']);
  const { record: short } = await train({ steps: 2 });
  assert.equal(short.growth, null);
});

test('a plan: by the budget, by the configuration, or the whole batch with a warning where it is too much', () => {
  const detector = new Detector({
    ...MODEL,
    head: 'fullyConnected',
    inputSize: 448,
    gridSize: 7,
    classes: CLASSES,
  });
  const planned = (
    memory: string | undefined,
    of: Partial<ExperimentOverrides> = {},
    loss = yoloLoss().description,
    name: 'tensorflow' | 'wasm' = 'tensorflow',
  ) =>
    planTraining({
      config: resolveConfig({ ...OVERRIDES, trainable: 'all', emaDecay: null, ...of }),
      detector,
      batch: 16,
      backend: { ...backend, name, device: 'cpu' },
      loss,
      memory,
    });
  const free = planned('100GB');
  assert.deepEqual([free.microBatch, free.budget], [16, { bytes: 1e11, source: 'given by hand' }]);
  const tight = planned('2.5GB');
  assert.ok(tight.microBatch < 16 && tight.estimate.total <= 2.5e9);
  assert.match(
    tight.messages[0],
    /^budget 2\.50 GB \(given by hand\): micro-batch \d+, \d+ accumulated, expected to take [\d.]+ GB, about 1\.\d+ times the time$/,
  );
  const fixed = planned('2.5GB', { microBatch: 16 });
  assert.equal(fixed.microBatch, 16);
  assert.match(
    fixed.messages[0],
    /^16 pictures at once need [\d.]+ GB, but there are 2\.50 GB \(given by hand\); a smaller/,
  );
  const none = planned(undefined, { microBatch: 1 });
  assert.deepEqual([none.microBatch, none.budget, none.messages], [1, undefined, []]);
  const again = planned(undefined, { recompute: 'backbone' });
  assert.ok(again.recompute && again.estimate.total < planned(undefined).estimate.total);
  assert.throws(
    () => resolveConfig({ ...OVERRIDES, recompute: 'head' as never }),
    /config: recompute is 'head', expected backbone/,
  );
  const half = planned(undefined, { activationBits: 16 });
  assert.ok(half.estimate.total < planned(undefined).estimate.total);
  assert.throws(
    () => planned(undefined, { activationBits: 16 }, undefined, 'wasm'),
    /activationBits: got 16 on wasm, which can't keep them; expected it on native TensorFlow/,
  );
  assert.throws(() => resolveConfig({ ...OVERRIDES, activationBits: 8 as never }), /expected 16 or null/);
  const streamed = planned(undefined, { gradients: 'streamed', recompute: 'backbone' });
  assert.ok(streamed.gradients === 'streamed' && streamed.estimate.total < again.estimate.total);
  assert.throws(
    () => resolveConfig({ ...OVERRIDES, gradients: 'streamed', microBatch: 4 }),
    /config: microBatch is 4, but streamed gradients are of a batch at once; leave one out/,
  );
  const product = yoloLoss({ confidenceLoss: { kind: 'focalProduct' } }).description;
  assert.throws(
    () => planned('2.5GB', {}, product),
    (error) =>
      error instanceof UserError &&
      /^memory: budget is 2\.50 GB, but micro-batch 16 needs [\d.]+ GB .*; the loss 'yolo' cannot be accumulated \(its noObject part is a product .*\), so a batch goes through at once: a smaller batchSize takes less$/.test(
        error.message,
      ),
  );
  assert.equal(planned('100GB', {}, product).microBatch, 16);
  assert.throws(() => planned('lots'), /memory is 'lots', expected a size such as 6GB/);
});

test('a plan is for the largest of the input sizes', () => {
  const need = (of: Partial<DetectorSpec>, inputSizes: InputSizes | null) =>
    planTraining({
      config: resolveConfig({ ...OVERRIDES, trainable: 'all', epochs: 2, inputSizes }),
      detector: new Detector({ ...MODEL, ...of, classes: CLASSES }),
      batch: 16,
      backend,
      loss: yoloLoss().description,
    }).estimate.need;
  const sizes = [
    [128, 1],
    [256, 1],
  ] as const;
  assert.equal(need({}, sizes), need({ inputSize: 256, gridSize: 8 }, null));
  assert.equal(need({}, [[96, 2]]), need({}, null));
});

test('the environment gives a budget where the caller does not', () => {
  const before = process.env.YOLOV1_MEMORY;
  process.env.YOLOV1_MEMORY = '3GB';
  try {
    const detector = new Detector({ ...MODEL, classes: CLASSES });
    const of = {
      config: resolveConfig(OVERRIDES),
      detector,
      batch: 8,
      backend,
      loss: yoloLoss().description,
    };
    assert.deepEqual(planTraining(of).budget, { bytes: 3e9, source: 'YOLOV1_MEMORY' });
    process.env.YOLOV1_MEMORY = '6 apples';
    assert.throws(
      () => planTraining(of),
      /^UserError: YOLOV1_MEMORY is '6 apples', expected a size such as 6GB/,
    );
  } finally {
    if (before === undefined) delete process.env.YOLOV1_MEMORY;
    else process.env.YOLOV1_MEMORY = before;
  }
});
