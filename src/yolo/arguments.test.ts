// Every public function is called with each of its arguments replaced by values of the wrong kind.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as form from './core/form';
import * as api from './fixtures/everything';

const { tf } = api;

/** What is given in place of a right argument. */
const JUNK = {
  undefined: undefined,
  null: null,
  NaN: Number.NaN,
  number: -1.5,
  flag: true,
  text: 'abc',
  object: {},
  list: [],
  function: () => undefined,
};
type Kind = keyof typeof JUNK;

/** An argument: what errors call it or its fields, a right value, and the junk that is right as well. */
type Argument = [name: string, right: unknown, ...also: Kind[]];

/** Text of any content is a path or a name, which is looked for. */
const PATH: Kind = 'text';
/** An argument with a default may be left out, and so may all fields of options. */
const OPTIONS: Kind[] = ['undefined', 'object'];

const BOX = { left: 0, top: 0, right: 1, bottom: 1 };
const TILE = { window: BOX, place: BOX, flip: false };
const SIZE = { width: 1, height: 1 };
const PICTURE = { data: new Uint8Array(3), ...SIZE };

let folder: string;
let items: api.Dataset['items'];
let detector: api.Detector;
/** Closed over by what is tried, so that nothing is made twice. */
let groundTruth: api.GroundTruthTable;
let detections: api.DetectionTable;
const target = api.encodeGrid([[]], { gridSize: 2, classes: 2 });
const images = tf.zeros([1, 64, 64, 3]);
const predictions = tf.zeros([1, 2, 2, 7]);
const boxes = tf.zeros([1, 4]);
const cells = tf.zeros([1, 4, 6]);
const inFolder = (...parts: string[]) => join(folder, ...parts);

before(async () => {
  await api.initBackend();
  folder = await mkdtemp(join(tmpdir(), 'junk-'));
  await api.writeScenesDevkit(folder, { train: 1, val: 1 });
  detector = new api.Detector({
    ...{ backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1 },
    ...{ classes: ['circle', 'square'], headWidth: 8 },
  });
  detector.initialise();
  groundTruth = api.groundTruthTable([{ key: 'a', annotation: { id: 'a', ...SIZE, objects: [] } }], ['cat']);
  detections = api.detectionTable(groundTruth.index, []);
  ({ items } = await api.loadDataset([{ folder: inFolder('Scenes'), split: 'train' }]));
});

after(() => {
  detector.dispose();
  tf.dispose([images, predictions, boxes, cells]);
  return rm(folder, { recursive: true });
});

const tables = (): Argument[] => [
  ['detections', detections],
  ['groundTruth', groundTruth],
];

const SCOPE = { trainable: 'head', batchNorm: 'constant', optimizer: 'sgd' } as const;
const estimate = () => api.estimateMemory(detector, { batch: 1, ...SCOPE });

/** Right arguments of every public function and class. */
const CALLS: Record<string, () => Argument[]> = {
  // data
  checkAugmentation: () => [['spec|fit', { fit: 'stretch' }]],
  planAugmentation: () => [
    ['spec', { fit: 'stretch' }],
    ['item', items[0]],
    ['random', new api.Random(0)],
    ['others', items, 'undefined', 'list'],
  ],
  moveObjects: () => [
    ['objects', [], 'list'],
    ['tile', TILE],
    ['minimumArea', 0.3],
  ],
  changeColours: () => [
    ['pixels', new Float32Array(3)],
    ['change', { contrast: 2 }, 'object'],
  ],
  plainPlan: () => [['picture', { key: 'a', ...SIZE }]],
  checkDevkit: () => [
    ['yearFolder', inFolder('Scenes'), PATH],
    ['options', {}, ...OPTIONS],
  ],
  loadDataset: () => [
    ['sources|list', [{ folder: inFolder('Scenes'), split: 'val' }]],
    ['options', {}, ...OPTIONS],
  ],
  openDevkit: () => [
    ['yearFolder', inFolder('Scenes'), PATH],
    ['options', {}, ...OPTIONS],
  ],
  findDevkits: () => [['environment', { dataFolder: folder }, 'undefined']],
  findSource: () => [
    ['name|abc', 'Scenes/train'],
    ['environment', { dataFolder: folder }, 'undefined'],
  ],
  importData: () => [
    ['source', inFolder('nothing'), PATH],
    ['options', { to: inFolder('imported') }],
  ],
  drawInput: () => [['request', { size: 32, tiles: [] }]],
  denormalise: () => [['pixels', new Float32Array(3), 'list']],
  normalise: () => [['pixels', new Float32Array(3)]],
  toInput: () => [
    ['picture', PICTURE],
    ['size', 32],
  ],
  Loader: () => [
    ['items', items],
    ['options', { size: 32, batchSize: 1 }],
  ],
  encodePicture: () => [
    ['picture', PICTURE],
    ['format', 'png', 'undefined'],
  ],
  readPicture: () => [
    ['source', inFolder('Scenes/JPEGImages/000001.jpg'), PATH],
    ['options', {}, ...OPTIONS],
    ['name', 'a picture', 'undefined', 'text'],
  ],
  generateScene: () => [
    ['seed', 0, 'number', 'text'],
    ['options', { width: 32, height: 32 }, ...OPTIONS],
  ],
  writeScenesDevkit: () => [
    ['devkitFolder', folder, PATH],
    ['options', { train: 1, val: 1 }],
  ],
  // eval
  averagePrecision: () => [
    ['curve', { precision: [1], recall: [1] }],
    ['rule', 'area', 'undefined'],
  ],
  bootstrapMap: tables,
  classCurves: tables,
  evaluateCoco: tables,
  confidenceHistogram: () => [...tables(), ['options', {}, ...OPTIONS]],
  falsePositivesPerPicture: () => [
    ...tables(),
    ['scoreThresholds', [0.5], 'list'],
    ['iouThreshold', 0.5, 'undefined'],
  ],
  analyseErrors: () => [...tables(), ['similarClasses', [], 'list', 'undefined']],
  readCocoTruth: () => [['file', inFolder('coco.json'), PATH]],
  readCocoResults: () => [
    ['file', inFolder('results.json'), PATH],
    ['truth', { groundTruth, keys: new Map(), names: new Map() }],
  ],
  readGroundTruth: () => [
    ['folders', [inFolder('Scenes')]],
    ['split', 'val', PATH],
    ['options', {}, ...OPTIONS],
  ],
  readResultFiles: () => [
    ['folder', inFolder('results'), PATH],
    ['split', 'val', PATH],
    ['index', groundTruth.index],
  ],
  resultFileName: () => [
    ['split', 'val', 'text'],
    ['className', 'cat', 'text'],
  ],
  writeResultFiles: () => [
    ['folder', inFolder('results'), PATH],
    ['split', 'val', 'text'],
    ['detections', detections],
  ],
  readYoloTruth: () => [
    ['folder', inFolder('yolo'), PATH],
    ['list', 'val', 'undefined', 'text'],
  ],
  readYoloResults: () => [
    ['folder', inFolder('yolo'), PATH],
    ['truth', { groundTruth, pictures: new Map(), classes: ['cat'], remarks: [] }],
  ],
  matchDetections: () => [...tables(), ['classIndex', 0], ['iouThreshold', 0.5]],
  evaluateAsOriginal: () => [...tables(), ['options', {}, ...OPTIONS]],
  precisionRecall: () => [
    ['detections', detections],
    ['matched', api.matchDetections(detections, groundTruth, 0, 0.5)],
  ],
  detectionTable: () => [
    ['index', groundTruth.index],
    ['pictures', [], 'list'],
  ],
  DetectionTableBuilder: () => [['index', groundTruth.index]],
  evaluationIndex: () => [
    ['keys', ['a'], 'list'],
    ['classes', ['cat']],
  ],
  countObjects: () => [['groundTruth', groundTruth]],
  groundTruthTable: () => [
    ['pictures', [], 'list'],
    ['classes', ['cat']],
  ],
  splitByYear: tables,
  evaluateVoc: () => [...tables(), ['options', {}, ...OPTIONS]],
  // record
  durationInWords: () => [['seconds', 1, 'number']],
  writeWholeFile: () => [
    ['path', inFolder('Scenes/generated.json'), PATH],
    ['parts', 'text', 'text'],
  ],
  describeBackend: () => [['backend', { name: 'wasm', version: '4.22.0', device: 'cpu' }]],
  findDetectorFiles: () => [['folder', inFolder('detector'), PATH]],
  configDifferences: () => [['configs', [], 'list']],
  recordedDetections: () => [
    ['result', { path: 'a', evaluation: { final: { pooled: {}, detections: [] } } }],
  ],
  memoryOverTime: () => [['metrics', []]],
  findRunRecord: () => [
    ['folder', inFolder('runs'), PATH],
    ['name', 'a', 'text'],
    ['key', 'abc', 'text'],
  ],
  readRunRecord: () => [['path', inFolder('runs/a'), PATH]],
  readRunRecords: () => [['folder', inFolder('runs'), PATH]],
  // detect
  loadDetector: () => [['folder', inFolder('detector'), 'undefined', PATH]],
  saveDetector: () => [
    ['folder', inFolder('detector'), PATH],
    ['detector', detector],
    ['coding', 'sigmoid'],
    ['scoreCut', 0.5, 'undefined'],
  ],
  drawDetections: () => [
    ['picture', PICTURE],
    ['detections', [], 'list'],
  ],
  predictItems: () => [
    ['detector', new api.TrainedDetector(detector, api.codingOf('sigmoid'))],
    ['items', items, 'list'],
    ['options', {}, ...OPTIONS],
  ],
  TrainedDetector: () => [
    ['detector', detector],
    ['coding', 'sigmoid'],
    ['scoreCut', 0.5, 'undefined'],
  ],
  // fetch
  fetchResnet18: () => [['options', { to: inFolder('weights') }]],
  fetchVoc: () => [
    ['set', api.VOC_SETS.voc2007],
    ['options', { to: inFolder('voc') }],
  ],
  // loss
  countsOf: () => [['targets', target]],
  originalLoss: () => [['changes', {}, ...OPTIONS, 'list']],
  priorBias: () => [['prior', 0.01, 'undefined']],
  probe: () => [
    ['loss', api.yoloLoss()],
    ['request', { confidence: 0.1 }],
  ],
  sigmoidLoss: () => [['options', {}, ...OPTIONS]],
  taskAlignedLoss: () => [['options', {}, ...OPTIONS]],
  yoloLoss: () => [['options', {}, ...OPTIONS]],
  // train
  batchGradients: () => [
    ['detector', detector],
    ['loss', api.yoloLoss()],
    ['batch', { keys: ['a'], images, objects: [[]] }],
    ['microBatch', 1, 'undefined'],
  ],
  gradientDistance: () => [
    ['a', new Map()],
    ['b', new Map()],
  ],
  Optimizer: () => [
    ['spec|kind', { kind: 'sgd' }],
    ['groups', [], 'list'],
  ],
  learningRateFactor: () => [
    ['schedule', { kind: 'paper' }],
    ['step', 0, 'number'],
    ['steps', 10, 'number'],
    ['warmUp', 0, 'undefined', 'number'],
  ],
  Trainer: () => [['options', {}]],
  // grid
  area: () => [['box', BOX]],
  clip: () => [
    ['box', BOX],
    ['width', 1, 'number'],
    ['height', 1, 'number'],
  ],
  boxIou: () => [
    ['a', BOX],
    ['b', BOX],
  ],
  codingOf: () => [['coding', 'sigmoid']],
  decodeBoxes: () => [
    ['predictions', predictions],
    ['options|coding', { coding: 'sqrt', classes: 2 }],
  ],
  decodeDetections: () => [
    ['predictions', predictions],
    ['options|coding', { coding: 'sqrt', classes: 2, pictures: [SIZE] }],
  ],
  encodeGrid: () => [
    ['objects', [[]], 'list'],
    ['options', { gridSize: 2, classes: 2 }],
  ],
  encodePredictions: () => [
    ['target', target],
    ['options|coding', { coding: 'sqrt', predictors: 1 }],
  ],
  nms: () => [
    ['boxes', new Float32Array(0)],
    ['scores', new Float32Array(0)],
    ['options|iouThreshold', { iouThreshold: 0.5 }],
  ],
  objectsOf: () => [['target', target]],
  overlap: () => [
    ['boxes', boxes],
    ['others', boxes],
    ['kind', 'iou', 'undefined'],
  ],
  sliceTarget: () => [
    ['target', target],
    ['start', 0],
    ['end', 1],
  ],
  // memory
  calibrationErrors: () => [['record', { points: [] }]],
  estimateMemory: () => [
    ['network', detector],
    ['options', { batch: 1, ...SCOPE }],
  ],
  formatBytes: () => [['bytes', 1, 'number']],
  formatEstimate: () => [['estimate', estimate()]],
  formatLayers: () => [['estimate', estimate()]],
  memoryBudget: () => [['options', {}, ...OPTIONS]],
  parseBytes: () => [
    ['text|abc', '6GB'],
    ['name', 'memory', 'undefined', 'text'],
  ],
  planBatch: () => [
    ['network', detector],
    ['options', { budget: 1e10, effectiveBatch: 1, ...SCOPE }],
  ],
  readCalibration: () => [['file', inFolder('memory.json'), PATH]],
  // model
  baselineBackbone: () => [['options', {}, ...OPTIONS]],
  convolutionalHead: () => [['options', { depth: 7 }]],
  Detector: () => [['spec|backbone', detector.spec]],
  formatSummary: () => [['rows', [], 'list']],
  fullyConnectedHead: () => [['options', { gridSize: 2, depth: 7 }]],
  loadWeights: () => [
    ['path', inFolder('weights'), PATH],
    ['network', detector],
    ['options', {}, ...OPTIONS],
  ],
  readSafetensors: () => [['path', inFolder('weights'), PATH]],
  resnet18: () => [['options', {}, ...OPTIONS]],
  saveWeights: () => [
    ['path', inFolder('weights'), PATH],
    ['network', detector],
    ['metadata', {}, 'undefined', 'object', 'list'],
  ],
  totals: () => [['rows', [], 'list']],
  writeSafetensors: () => [
    ['path', inFolder('weights'), PATH],
    ['tensors', new Map()],
    ['metadata', {}, 'undefined', 'object', 'list'],
  ],
  // the root
  Random: () => [['seed', 0, 'number', 'text']],
  resolveConfig: () => [['config', {}]],
  makeLoss: () => [['config', { kind: 'yolo' }]],
  cachePath: () => [['parts', 'a', 'text']],
  chooseProfile: () => [['needs', { years: [], records: [] }]],
  runExperiment: () => [
    ['config', {}],
    ['options', { results: inFolder('runs') }],
  ],
  loadBackbone: () => [
    ['detector', detector],
    ['file', 'random', PATH],
    ['seed', 0, 'number'],
  ],
};

/** Functions of which any value is right, or that take none. */
const ANY_VALUE: Record<string, string> = {
  UserError: 'an error that is about to be thrown must not be replaced by another',
  MemoryLimitError: 'likewise',
  initBackend: 'takes no argument',
};

const OF_FORMS = 'states a form in code; what is given to it is never data';
/** Functions that are not tried, with the reason. */
const NOT_TRIED: Record<string, string> = Object.fromEntries(
  Object.keys(form).map((name) => [name, OF_FORMS]),
);
const CALLABLE = new Map<string, unknown>(
  Object.entries({ ...api, ...form }).filter(([, value]) => typeof value === 'function'),
);
/** Methods and functions that public ones give, of those that take more than their own options. */
const GIVEN: Record<string, [(...given: never[]) => unknown, () => Argument[]]> = {
  'Detector.forward': [
    (...given) => detector.forward(...(given as never as [never])),
    () => [['images', images]],
  ],
  'the loss of yoloLoss': [
    api.yoloLoss(),
    () => [
      ['predictions', predictions],
      ['target|targets', target],
    ],
  ],
  'the loss of taskAlignedLoss': [
    api.taskAlignedLoss(),
    () => [
      ['predictions', cells],
      ['target', target],
    ],
  ],
};
for (const [name, [called, argumentsOf]] of Object.entries(GIVEN)) {
  CALLABLE.set(name, called);
  CALLS[name] = argumentsOf;
}

test('every public function and class is tried, or its reason not to be is known', () => {
  const known = [CALLS, ANY_VALUE, NOT_TRIED].flatMap(Object.keys);
  assert.deepEqual([...CALLABLE.keys()].sort(), known.sort());
});

for (const [name, argumentsOf] of Object.entries(CALLS)) {
  test(`${name} says of each argument of another kind what it is and should be`, {
    timeout: 60_000,
  }, async () => {
    const right = argumentsOf();
    const held = tf.memory().numTensors;
    const files = await readdir(folder, { recursive: true });
    const faults: string[] = [];
    for (const [place, [names, , ...also]] of right.entries()) {
      for (const kind of Object.keys(JUNK) as Kind[]) {
        if (also.includes(kind)) continue;
        const given = right.map(([, value], index) => (index === place ? JUNK[kind] : value));
        const fault = await faultOf(name, given, new RegExp(`\\b(${names})\\b`));
        if (fault) faults.push(`${names} is ${kind}: ${fault}`);
      }
    }
    assert.deepEqual(faults, []);
    assert.equal(tf.memory().numTensors, held);
    assert.deepEqual(await readdir(folder, { recursive: true }), files);
  });
}

/** What is wrong with how a call is refused, undefined if nothing is. */
async function faultOf(name: string, given: unknown[], names: RegExp): Promise<string | undefined> {
  const called = CALLABLE.get(name) as never;
  try {
    await (isClass(called) ? Reflect.construct(called, given) : Reflect.apply(called, undefined, given));
  } catch (error) {
    if (!(error instanceof api.UserError)) return `threw ${error}`;
    const ofTheEngine = /Cannot read|is not a function|is not iterable|undefined \(reading/.test(
      error.message,
    );
    return ofTheEngine || !names.test(error.message) ? `said '${error.message}'` : undefined;
  }
  return 'was taken';
}

function isClass(value: object): boolean {
  return String(value).startsWith('class ');
}
