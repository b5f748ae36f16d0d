import * as v from 'valibot';
import { PROFILES } from '../../core/environment';
import { fields, numberAbove, numberFrom, oneOf, oneOfKinds, wholeFrom } from '../../core/form';
import { BOX_CODINGS } from '../../grid/coding';
import { MOST_PICTURES } from '../../memory/plan';
import { BELOW_ONE, classNames, MODEL_FIELDS, MOST as MOST_OF_MODEL } from '../../model/specForm';

/** Largest numbers that a configuration may name: beyond them a typing error is likelier. */
const MOST = { ...MOST_OF_MODEL, pictures: MOST_PICTURES, count: 1_000_000_000 };
const PAIRS = '[pixels, epochs] pairs, such as [[256, 10], [448, 5]]';
const NAME = 'letters, digits, dot, dash and underscore, at most 100';

const OR_NULL = ', or null';
const PART = 'a number above 0 and below 1, or null';

const flag = v.boolean('true or false');
const text = v.pipe(v.string('a text'), v.nonEmpty('a text'));
const name = v.pipe(v.string(NAME), v.regex(/^(?!\.+$)[\w.-]{1,100}$/, NAME));
const share = numberFrom(0, 1);
const weight = numberFrom(0);
const RANGE = 'two numbers above 0, the smaller first';
const range = v.pipe(
  v.strictTuple([numberAbove(0), numberAbove(0)], RANGE),
  v.check(([least, most]) => least <= most, RANGE),
);
const lists = v.pipe(
  v.array(text, 'a list of names such as VOC2012/train'),
  v.nonEmpty('a list of names such as VOC2012/train'),
);
const model = fields(MODEL_FIELDS);

const gamma = v.optional(weight);
const confidenceLoss = oneOfKinds({
  squared: {},
  focal: { gamma },
  focalProduct: { gamma },
  focalCrossEntropy: { gamma, alpha: v.optional(share) },
});

const gridLoss = {
  box: v.optional(oneOf(Object.keys(BOX_CODINGS))),
  confidence: v.optional(oneOf(['linear', 'sigmoid'])),
  lambdaCoord: v.optional(weight),
  lambdaNoobj: v.optional(weight),
  confidenceLoss: v.optional(confidenceLoss),
  withoutOverlap: v.optional(oneOf(['rmse', 'first'])),
  confidenceTarget: v.optional(oneOf(['iou', 'one'])),
  iouTargetGradient: v.optional(flag),
  noObject: v.optional(oneOf(['notResponsible', 'emptyCells'])),
  rootEpsilon: v.optional(numberFrom(1e-12)),
  labelSmoothing: v.optional(share),
  reduction: v.optional(oneOf(['mean', 'sum'])),
};

const loss = oneOfKinds({
  yolo: gridLoss,
  writeUp: gridLoss,
  sigmoid: {
    overlap: v.optional(oneOf(['iou', 'giou', 'diou', 'ciou', 'squared'])),
    boxWeight: v.optional(weight),
    labelSmoothing: v.optional(share),
    assignment: v.optional(oneOf(['cell', 'neighbours'])),
  },
  taskAligned: {
    overlap: v.optional(oneOf(['iou', 'giou', 'diou', 'ciou'])),
    boxWeight: v.optional(weight),
  },
});

const average = v.optional(numberFrom(0, BELOW_ONE));
const adam = { beta1: average, beta2: average, weightDecay: v.optional(weight) };
const optimizer = oneOfKinds({
  sgd: { momentum: average, nesterov: v.optional(flag), weightDecay: v.optional(weight) },
  adam,
  adamw: adam,
});

const schedule = oneOfKinds({
  constant: {},
  cosine: { final: v.optional(weight) },
  oneCycle: { rise: v.optional(share) },
  step: { milestones: v.array(share, 'a list of shares, 0 to 1'), factor: v.optional(weight) },
  paper: {},
});

const augmentation = fields({
  fit: oneOf(['stretch', 'letterbox']),
  flip: v.optional(share),
  shift: v.optional(numberFrom(0, 0.5)),
  zoom: v.optional(fields({ scale: range, aspect: range })),
  hsv: v.optional(fields({ exposure: numberFrom(1), saturation: numberFrom(1) })),
  enhance: v.optional(fields({ brightness: range, colour: range, contrast: range })),
  mosaic: v.optional(share),
});

/** Every field of a whole configuration: its type, its range or its choices. */
export const CONFIG_FORM = fields({
  name,
  profile: oneOf(PROFILES),
  train: lists,
  evaluate: lists,
  limit: v.nullable(wholeFrom(1, MOST.pictures, OR_NULL)),
  classes: v.nullable(classNames(', or null for those of the data')),
  heldOut: v.nullable(v.pipe(v.number(PART), v.gtValue(0, PART), v.ltValue(1, PART))),
  patience: v.nullable(wholeFrom(1, MOST.count, OR_NULL)),
  model,
  backboneWeights: text,
  trainable: oneOf(['head', 'all']),
  frozenPrefix: v.nullable(text),
  batchNorm: oneOf(['batch', 'frozen', 'constant']),
  finalStatistics: v.nullable(oneOf(['restored', 'reestimated'])),
  loss,
  confidenceBias: numberFrom(-1000, 1000),
  optimizer,
  learningRate: numberAbove(0),
  backboneLearningRate: numberAbove(0),
  schedule,
  warmUpSteps: wholeFrom(0, MOST.count),
  warmUpEpochs: v.nullable(wholeFrom(1, MOST.count, OR_NULL)),
  epochs: wholeFrom(1, MOST.count),
  inputSizes: v.nullable(
    v.array(v.strictTuple([wholeFrom(1, MOST.pixels), wholeFrom(1, MOST.count)], PAIRS), PAIRS),
  ),
  batchSize: wholeFrom(1, MOST.pictures),
  microBatch: v.nullable(wholeFrom(1, MOST.pictures, OR_NULL)),
  recompute: v.nullable(oneOf(['backbone'])),
  activationBits: v.nullable(v.literal(16, '16 or null')),
  gradients: v.nullable(oneOf(['streamed'])),
  clipNorm: v.nullable(numberAbove(0, OR_NULL)),
  emaDecay: v.nullable(numberFrom(0, BELOW_ONE, OR_NULL)),
  views: fields({ flip: flag, crops: wholeFrom(0, MOST.boxes) }),
  augmentation,
  mosaicFreeEpochs: v.nullable(wholeFrom(1, MOST.count, OR_NULL)),
  evaluateAfter: v.array(wholeFrom(0, MOST.count), 'a list of epochs'),
  gradientNormsEvery: v.nullable(wholeFrom(1, MOST.count, OR_NULL)),
  initialHead: v.nullable(name),
  initialNetwork: v.nullable(name),
  seed: wholeFrom(0),
});
