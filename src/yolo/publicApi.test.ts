// runs on both backends
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as api from './fixtures/everything';

const { tf } = api;
const CLASSES = ['circle', 'square'];
/** One box and two classes a cell of a 2 x 2 grid. */
const SHAPE: [number, number, number, number] = [1, 2, 2, 7];
const SPEC = { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2 } as const;
const object = { box: { left: 0.1, top: 0.2, right: 0.4, bottom: 0.6 }, classIndex: 1 };
const pictures = [{ width: 64, height: 48 }];

let folder: string;
let data: api.Dataset;
let target: api.GridTarget;

before(async () => {
  await api.initBackend();
  folder = await mkdtemp(join(tmpdir(), 'public-api-'));
  await api.writeScenesDevkit(join(folder, 'data'), { train: 2, val: 1 });
  data = await api.loadDataset([api.findSource('Scenes/train', { dataFolder: join(folder, 'data') })]);
  target = api.encodeGrid([[object]], { gridSize: 2, classes: 2 });
  // Random weights are made once, so that no call below is the first one.
  makeDetector().dispose();
});

after(() => rm(folder, { recursive: true }));

function makeDetector(): api.Detector {
  const detector = new api.Detector({ ...SPEC, predictors: 1, headWidth: 8, classes: CLASSES });
  detector.initialise(0);
  return detector;
}

function makeTrained(): api.TrainedDetector {
  return new api.TrainedDetector(makeDetector(), api.codingOf('sigmoid'));
}

function useLoss(loss: api.DetectionLoss): void {
  const predictions = tf.randomUniform<api.tf.Rank.R4>(SHAPE, -1, 1, 'float32', 1);
  const { total, parts } = loss(predictions, target);
  tf.dispose([predictions, total, parts]);
  const wrong = tf.zeros<api.tf.Rank.R4>([1, 3, 3, 7]);
  assert.throws(() => loss(wrong, target), /3/);
  wrong.dispose();
}

function useLayers(layers: ReturnType<typeof api.resnet18>, shape: [number, number, number]): void {
  layers.initialise(shape, new api.Random(0));
  const images = tf.zeros<api.tf.Rank.R4>([1, ...shape]);
  layers.forward(images, api.INFERENCE).dispose();
  images.dispose();
  layers.dispose();
}

async function useGradients(use: (found: api.BatchGradients) => unknown): Promise<void> {
  const detector = makeDetector();
  const images = tf.zeros<api.tf.Rank.R4>([2, 64, 64, 3]);
  await use(
    await api.batchGradients(detector, api.sigmoidLoss(), { keys: ['a', 'b'], images, objects: [[], []] }, 1),
  );
  images.dispose();
  detector.dispose();
}

async function useWeights(path: string): Promise<void> {
  const detector = makeDetector();
  await api.saveWeights(path, detector);
  assert.equal((await api.loadWeights(path, detector)).missing.length, 0);
  const { tensors } = await api.readSafetensors(path);
  tensors.delete('head.output.bias');
  await api.writeSafetensors(path, tensors);
  await assert.rejects(api.loadWeights(path, detector), /head\.output\.bias/);
  detector.dispose();
}

async function useRun(): Promise<void> {
  const config: api.ExperimentOverrides = {
    name: 'public',
    profile: 'smoke',
    train: ['Scenes/train'],
    evaluate: ['Scenes/val'],
    backboneWeights: 'random',
    trainable: 'all',
    model: { ...SPEC, predictors: 1, headWidth: 8 },
    loss: { kind: 'sigmoid' },
    epochs: 1,
    batchSize: 2,
  };
  await api.runExperiment(config, {
    results: join(folder, 'records'),
    workdir: join(folder, 'runs'),
    dataFolder: join(folder, 'data'),
  });
}

function useTrainer(): void {
  const network = makeDetector();
  const optimizer = new api.Optimizer({ kind: 'sgd', momentum: 0.9, weightDecay: 0 }, []);
  const trainer = new api.Trainer({
    network,
    optimizer,
    forward: (images, context) => network.forward(images, context),
    loss: (predictions) => api.sigmoidLoss()(predictions, target),
    batches: async function* () {},
    batchesPerEpoch: 1,
    epochs: 1,
    schedule: { kind: 'constant' },
    warmUpSteps: 0,
    clipNorm: null,
    emaDecay: 0.9,
    seed: 0,
  });
  trainer.dispose();
  optimizer.dispose();
  network.dispose();
}

async function readScene(): Promise<api.Picture> {
  return (await api.generateScene('scene 1', { width: 64, height: 48 })).picture;
}

/** A use of every public name that makes or takes tensors, disposing what is documented as the caller's. */
const USES: Record<string, () => unknown> = {
  initBackend: api.initBackend,
  overlap: () => {
    const boxes = tf.tensor2d([[0, 0, 1, 1]]);
    for (const kind of ['iou', 'giou', 'diou', 'ciou'] as const) api.overlap(boxes, boxes, kind).dispose();
    const other = tf.zeros([2, 4]);
    assert.throws(() => api.overlap(boxes, other), /others/);
    tf.dispose([boxes, other]);
  },
  Loader: async () => {
    const loader = new api.Loader(data.items, { size: 32, batchSize: 1 });
    for await (const { images } of loader.epoch(0)) images.dispose();
    // Left early, a loader gives back what it has read ahead.
    for await (const { images } of loader.epoch(1)) {
      images.dispose();
      break;
    }
  },
  Detector: () => {
    const detector = makeDetector();
    const images = tf.zeros<api.tf.Rank.R4>([1, 64, 64, 3]);
    detector.forward(images).dispose();
    detector.features(images).dispose();
    detector.fold();
    detector.forward(images).dispose();
    detector.describe();
    images.dispose();
    detector.dispose();
  },
  TrainedDetector: async () => {
    const detector = makeTrained();
    await detector.detect(await readScene());
    await assert.rejects(detector.detect(join(folder, 'missing.jpg')), api.UserError);
    detector.dispose();
  },
  saveDetector: async () => {
    const detector = makeDetector();
    await api.saveDetector(join(folder, 'detector'), detector, api.codingOf('sigmoid'));
    detector.dispose();
  },
  loadDetector: async () => {
    (await api.loadDetector(join(folder, 'detector'))).dispose();
    await assert.rejects(api.loadDetector(join(folder, 'nothing')), api.UserError);
  },
  predictItems: async () => {
    const detector = makeTrained();
    await assert.rejects(api.predictItems(detector, data.items, { signal: AbortSignal.abort() }));
    detector.dispose();
  },
  decodeBoxes: () => {
    const predictions = tf.zeros<api.tf.Rank.R4>(SHAPE);
    api.decodeBoxes(predictions, { coding: 'sigmoid', classes: 2 }).dispose();
    assert.throws(
      () => api.decodeBoxes(predictions, { coding: 'sigmoid', classes: 4 }),
      /predictions has shape/,
    );
    predictions.dispose();
  },
  decodeDetections: () => {
    const predictions = tf.zeros<api.tf.Rank.R4>(SHAPE);
    api.decodeDetections(predictions, { coding: 'sigmoid', classes: 2, pictures });
    assert.throws(() => api.decodeDetections(predictions, { coding: 'sigmoid', classes: 2, pictures: [] }));
    predictions.dispose();
  },
  yoloLoss: () => useLoss(api.yoloLoss()),
  originalLoss: () => useLoss(api.originalLoss({ confidenceLoss: { kind: 'focalProduct' } })),
  sigmoidLoss: () => useLoss(api.sigmoidLoss()),
  taskAlignedLoss: () => {
    const cells = tf.randomUniform<api.tf.Rank.R3>([1, 4, 6], -1, 1, 'float32', 1);
    const { total, parts } = api.taskAlignedLoss()(cells, target);
    const wrong = tf.zeros<api.tf.Rank.R3>([1, 3, 6]);
    assert.throws(() => api.taskAlignedLoss()(wrong, target), /\[1,3,6\]/);
    tf.dispose([cells, wrong, total, parts]);
  },
  makeLoss: () => useLoss(api.makeLoss({ kind: 'yolo', confidenceLoss: { kind: 'focalCrossEntropy' } })),
  resnet18: () => useLayers(api.resnet18(), [64, 64, 3]),
  baselineBackbone: () => useLayers(api.baselineBackbone({}), [64, 64, 3]),
  convolutionalHead: () => useLayers(api.convolutionalHead({ depth: 7, filters: 8 }), [2, 2, 8]),
  fullyConnectedHead: () =>
    useLayers(api.fullyConnectedHead({ gridSize: 2, depth: 7, convolutions: [8], units: 8 }), [2, 2, 8]),
  loadWeights: () => useWeights(join(folder, 'a.safetensors')),
  saveWeights: () => useWeights(join(folder, 'b.safetensors')),
  loadBackbone: async () => {
    const detector = makeDetector();
    await api.loadBackbone(detector, 'random', 0);
    detector.dispose();
  },
  Optimizer: () => {
    const detector = makeDetector();
    const parameters = detector.head.parameters();
    const optimizer = new api.Optimizer({ kind: 'adamw', weightDecay: 0.1 }, [
      { parameters, learningRate: 0.1 },
    ]);
    const gradients = new Map(parameters.map(({ name, variable }) => [name, tf.onesLike(variable)]));
    optimizer.apply(gradients, 1);
    optimizer.dispose();
    tf.dispose([...gradients.values()]);
    detector.dispose();
  },
  Trainer: useTrainer,
  probe: () => {
    api.probe(api.yoloLoss(), { confidence: 0.1, objects: 2, gridSize: 2, classes: 2 });
  },
  batchGradients: () => useGradients(({ gradients }) => tf.dispose([...gradients.values()])),
  gradientDistance: () =>
    useGradients(async ({ gradients }) => {
      assert.equal(await api.gradientDistance(gradients, gradients), 0);
      tf.dispose([...gradients.values()]);
    }),
  runExperiment: useRun,
};

/** Public names that work on numbers, files and text only; they can't hold a tensor. */
const WITHOUT_TENSORS = [
  ...['area', 'clip', 'boxIou', 'nms', 'UserError', 'Random'],
  ...['checkAugmentation', 'planAugmentation', 'moveObjects', 'changeColours', 'plainPlan'],
  ...[
    'checkDevkit',
    'importData',
    'loadDataset',
    'openDevkit',
    'drawInput',
    'encodePicture',
    'findDevkits',
    'findSource',
  ],
  ...['denormalise', 'normalise', 'readPicture', 'generateScene', 'writeScenesDevkit', 'toInput'],
  ...['drawDetections', 'averagePrecision', 'evaluationIndex', 'evaluateCoco', 'confidenceHistogram'],
  ...['falsePositivesPerPicture', 'DetectionTableBuilder', 'detectionTable', 'analyseErrors', 'classCurves'],
  'bootstrapMap',
  ...[
    'countObjects',
    'groundTruthTable',
    'precisionRecall',
    'readGroundTruth',
    'readCocoTruth',
    'readCocoResults',
    'readYoloTruth',
    'readYoloResults',
    'readResultFiles',
  ],
  ...[
    'resultFileName',
    'writeResultFiles',
    'evaluateVoc',
    'matchDetections',
    'evaluateAsOriginal',
    'splitByYear',
  ],
  ...['fetchResnet18', 'fetchVoc', 'countsOf', 'priorBias', 'readSafetensors', 'writeSafetensors'],
  ...['formatSummary', 'totals', 'codingOf', 'encodePredictions', 'encodeGrid', 'objectsOf', 'sliceTarget'],
  ...[
    'resolveConfig',

    'cachePath',
    'chooseProfile',
    'findRunRecord',
    'readRunRecord',
  ],
  ...['memoryBudget', 'formatBytes', 'parseBytes', 'calibrationErrors', 'readCalibration', 'estimateMemory'],
  ...['formatEstimate', 'formatLayers', 'MemoryLimitError', 'memoryOverTime', 'planBatch'],
  'learningRateFactor',
  ...['readRunRecords', 'recordedDetections', 'configDifferences', 'durationInWords', 'writeWholeFile'],
  ...['describeBackend', 'findDetectorFiles'],
];

test('every public function and class is known to work with tensors or without', () => {
  const callable = Object.entries(api).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  );
  assert.deepEqual(callable.sort(), [...Object.keys(USES), ...WITHOUT_TENSORS].sort());
});

for (const [name, use] of Object.entries(USES)) {
  test(`${name} leaves as many tensors as there were`, async () => {
    const held = tf.memory().numTensors;
    await use();
    assert.equal(tf.memory().numTensors, held);
  });
}
