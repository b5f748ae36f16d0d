// Configurations of the runs that notebooks and article speak of and that no cell of a notebook trains: the experiments as
// the original's code ran them, what settles a verdict, the remedies one by one, and the detector that is shipped.
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

/** A head on the features of two views, by one remedy after the other. */
function onFeatures({ name, ...changes }: Changes): ExperimentOverrides[] {
  return [0, 1, 2].map((seed) =>
    right({
      ...changes,
      name: `${name}-${seed}`,
      trainable: 'head',
      views: { flip: true, crops: 0 },
      epochs: 8,
      evaluateAfter: [],
      seed,
    }),
  );
}

const DECOUPLED = { ...CONVOLUTIONAL, head: 'decoupled' } as const;
const TWO_STRIDES = { ...DECOUPLED, objectness: false, strides: [16, 32], gridSize: 28 } as const;
const NEIGHBOURS = { kind: 'sigmoid', assignment: 'neighbours' } as const;
const WITHOUT_OBJECTNESS = { loss: { kind: 'taskAligned' }, confidenceBias: 0 } as const;

const HEADS = [
  onFeatures({ name: '05-head-cell' }),
  onFeatures({ name: '05-head-neighbours', loss: NEIGHBOURS }),
  ...(['squared', 'iou', 'diou', 'ciou'] as const).map((overlap) =>
    onFeatures({ name: `05-head-${overlap}`, loss: { kind: 'sigmoid', overlap } }),
  ),
  onFeatures({ name: '05-head-decoupled', model: DECOUPLED }),
  onFeatures({ name: '05-head-decoupled-neighbours', model: DECOUPLED, loss: NEIGHBOURS }),
  onFeatures({
    name: '05-head-task-aligned',
    model: { ...DECOUPLED, objectness: false },
    ...WITHOUT_OBJECTNESS,
  }),
  onFeatures({
    name: '05-head-two-strides',
    model: TWO_STRIDES,
    ...WITHOUT_OBJECTNESS,
  }),
].flat();

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

export default [BEST, ...ORIGINALS, ...SETTLING, ...HEADS, ...PICTURES];
