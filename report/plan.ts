// Configurations of the runs that notebooks and article speak of and that no cell of a notebook trains: the experiments as
// the original's code ran them, what settles a verdict, the remedies that need pictures, and the detector that is shipped.
//
//   npx yolov1 runs plan report/plan.ts                    what each needs, and whether it has a record
//   npx yolov1 train report/plan.ts --at 0 --resume        train one
import type { ExperimentOverrides } from 'yolov1';
import { CROP_EXPAND_AUGMENTATION } from 'yolov1/data';

const DATA = {
  profile: 'mini',
  train: ['VOC2007/train', 'VOC2012/train', 'VOC2012/extra'],
  evaluate: ['VOC2007/val', 'VOC2012/val'],
} as const;

type Changes = Partial<ExperimentOverrides> & { name: string };

/** As the original's code trained: its loss, optimizer, schedule and batch at 448 pixels, without augmentation. */
function original({ name, ...changes }: Changes): ExperimentOverrides {
  return {
    ...DATA,
    model: { backbone: 'resnet18', head: 'fullyConnected', inputSize: 448, gridSize: 7, predictors: 2 },
    trainable: 'head',
    batchNorm: 'batch',
    loss: { kind: 'writeUp' },
    augmentation: { fit: 'stretch' },
    optimizer: { kind: 'adam', weightDecay: 5e-4 },
    learningRate: 1e-4,
    backboneLearningRate: 1e-4,
    schedule: { kind: 'cosine' },
    clipNorm: 10,
    emaDecay: null,
    batchSize: 16,
    epochs: 10,
    evaluateAfter: [0, 1, 2, 5],
    gradientNormsEvery: 25,
    ...changes,
    name: `${name}-mini`,
  };
}

const SCRATCH = {
  model: { backbone: 'baseline', head: 'fullyConnected', inputSize: 448, gridSize: 7, predictors: 2 },
  backboneWeights: 'random',
  trainable: 'all',
} as const;

const ORIGINALS = [
  ...[0.5, 5].flatMap((lambdaCoord) =>
    [true, false].map((iouTargetGradient) =>
      original({
        name: `03-original-frozen-coord-${lambdaCoord}-${iouTargetGradient ? 'gradient' : 'detached'}`,
        batchNorm: 'constant',
        loss: { kind: 'writeUp', lambdaCoord, iouTargetGradient },
      }),
    ),
  ),
  original({ name: '03-original-batch-norm' }),
  original({ name: '01-original', ...SCRATCH }),
  original({
    name: '02-original-product',
    ...SCRATCH,
    loss: { kind: 'writeUp', confidenceLoss: { kind: 'focalProduct', gamma: 2 } },
  }),
  original({ name: '04-original', trainable: 'all', learningRate: 1e-5, backboneLearningRate: 1e-5 }),
];

/** The paper's own network, 249 M parameters, and what a batch of 16 takes: the levers that leave the result as it is. */
const PAPER = original({
  name: '00-paper-network',
  ...SCRATCH,
  model: { ...SCRATCH.model, headConvolutions: [1024, 1024, 1024, 1024], headWidth: 4096 },
  loss: { kind: 'yolo' },
  limit: 32,
  gradients: 'streamed',
  recompute: 'backbone',
  epochs: 1,
  evaluateAfter: [],
  gradientNormsEvery: null,
});

const CONVOLUTIONAL = {
  backbone: 'resnet18',
  head: 'convolutional',
  inputSize: 448,
  gridSize: 14,
  predictors: 1,
} as const;

/** Fine-tuning done right, as notebook 04 has it, with changes. */
function right({ name, ...changes }: Changes): ExperimentOverrides {
  return {
    ...DATA,
    model: CONVOLUTIONAL,
    trainable: 'all',
    loss: { kind: 'sigmoid' },
    confidenceBias: -4,
    epochs: 12,
    evaluateAfter: [3, 6, 9],
    ...changes,
    name: `${name}-mini`,
  };
}

const SETTLING = [
  right({ name: '04-right-frozen', frozenPrefix: 'layer4' }),
  right({ name: '04-right-frozen-1', frozenPrefix: 'layer4', seed: 1 }),
  right({ name: '04-right-1', seed: 1 }),
  right({ name: '05-right-neighbours', loss: { kind: 'sigmoid', assignment: 'neighbours' } }),
];

/** ResNet18 trained on from pre-trained weights and from random ones, else equal. */
const WEIGHTS = (['resnet18.safetensors', 'random'] as const).map((backboneWeights) =>
  right({
    name: `01-weights-${backboneWeights === 'random' ? 'random' : 'pretrained'}`,
    model: { ...CONVOLUTIONAL, inputSize: 224, gridSize: 7 },
    backboneWeights,
    batchNorm: 'batch',
    epochs: 20,
    evaluateAfter: [5, 10, 15],
  }),
);

const CAPACITIES = {
  'convolutional-1m': { head: 'convolutional', headWidth: 160 },
  'convolutional-9m': { head: 'convolutional', headWidth: 768 },
  'connected-27m': { head: 'fullyConnected', headWidth: 1024 },
  'connected-211m': { head: 'fullyConnected', headConvolutions: [512, 1024], headWidth: 4096 },
} as const;

/** Small and large heads of both kinds on the same features, trained until the loss no longer falls. */
const HEADS_BY_SIZE = Object.entries(CAPACITIES).flatMap(([capacity, head]) =>
  ['1e-3', '1e-4'].map((rate) =>
    right({
      name: `01-capacity-${capacity}-${rate}`,
      model: { backbone: 'resnet18', ...head, inputSize: 448, gridSize: 7, predictors: 2 },
      trainable: 'head',
      loss: { kind: 'yolo' },
      confidenceBias: 0,
      views: { flip: true, crops: 0 },
      batchSize: 64,
      emaDecay: null,
      learningRate: Number(rate),
      epochs: 40,
      evaluateAfter: [10, 20, 30],
    }),
  ),
);

/** The network of the arms of chapters 03 and 04. */
const SMALL = { ...CONVOLUTIONAL, inputSize: 224, gridSize: 7, predictors: 2 } as const;

/** Whether the score cut matters less as training goes on: chapter 03's long training, two and a half times as long. */
const LONGER = [0, 1, 2].map((seed) =>
  right({
    name: `03-longer-paper-${seed}`,
    train: ['VOC2012/train'],
    model: SMALL,
    trainable: 'head',
    loss: { kind: 'yolo' },
    confidenceBias: 0,
    epochs: 100,
    evaluateAfter: [4, 10, 20, 40, 70],
    seed,
  }),
);

/** The micro-batches of chapter 04 once more: is it BatchNorm's running statistics that suffer, or the weights? */
const STATISTICS = (['restored', 'reestimated'] as const).flatMap((finalStatistics) =>
  [1, 2, 4, 16].flatMap((microBatch) =>
    [0, 1].map((seed) =>
      original({
        name: `04-${finalStatistics}-${microBatch}-${seed}`,
        train: ['VOC2012/train'],
        model: SMALL,
        trainable: 'all',
        loss: { kind: 'yolo' },
        finalStatistics,
        microBatch: microBatch < 16 ? microBatch : null,
        initialHead: `03-frozen-paper${seed === 0 ? '' : `-${seed}`}-mini`,
        epochs: 1,
        evaluateAfter: [],
        gradientNormsEvery: null,
        seed,
      }),
    ),
  ),
);

const DECOUPLED = { ...CONVOLUTIONAL, head: 'decoupled' } as const;
const TWO_STRIDES = { ...DECOUPLED, objectness: false, strides: [16, 32], gridSize: 28 } as const;
const NEIGHBOURS = { kind: 'sigmoid', assignment: 'neighbours' } as const;

/** The whole network at 224 pixels: what mosaics, a frozen prefix and growing inputs are worth. */
function onPictures({ name, ...changes }: Changes): ExperimentOverrides[] {
  return [0, 1].map((seed) =>
    right({
      model: { ...CONVOLUTIONAL, inputSize: 224, gridSize: 7 },
      loss: NEIGHBOURS,
      evaluateAfter: [],
      ...changes,
      name: `${name}-${seed}`,
      seed,
    }),
  );
}

const WITH_MOSAICS = { ...CROP_EXPAND_AUGMENTATION, mosaic: 0.5 };

const PICTURES = [
  onPictures({ name: '05-pictures-plain' }),
  onPictures({
    name: '05-pictures-mosaic',
    augmentation: WITH_MOSAICS,
    mosaicFreeEpochs: 3,
  }),
  onPictures({ name: '05-pictures-prefix', frozenPrefix: 'layer1' }),
  onPictures({
    name: '05-pictures-sizes',
    inputSizes: [
      [128, 5],
      [160, 3],
      [224, 4],
    ],
  }),
].flat();

/** How soon an accuracy of the recipe of chapter 04 is reached by small inputs and what helps on them. */
const QUICK = right({
  name: '05-quick',
  model: { ...CONVOLUTIONAL, inputSize: 224, gridSize: 7 },
  loss: NEIGHBOURS,
  frozenPrefix: 'layer1',
  augmentation: WITH_MOSAICS,
  mosaicFreeEpochs: 3,
  evaluateAfter: [],
});

/** Everything that helps at once, on nine tenths of the pictures; the tenth decides which epoch and score cut are kept. */
const BEST: ExperimentOverrides = {
  ...DATA,
  name: '05-best-mini',
  heldOut: 0.1,
  model: TWO_STRIDES,
  trainable: 'all',
  frozenPrefix: 'layer1',
  loss: { kind: 'taskAligned' },
  learningRate: 1.4e-3,
  backboneLearningRate: 2e-4,
  schedule: { kind: 'cosine', final: 0.02 },
  warmUpEpochs: 2,
  augmentation: WITH_MOSAICS,
  mosaicFreeEpochs: 6,
  epochs: 28,
  inputSizes: [
    [256, 12],
    [320, 8],
    [448, 8],
  ],
  evaluateAfter: [20, 24, 26],
};

export default [
  BEST,
  ...ORIGINALS,
  ...SETTLING,
  ...PICTURES,
  ...WEIGHTS,
  ...HEADS_BY_SIZE,
  ...LONGER,
  ...STATISTICS,
  PAPER,
  QUICK,
];
