// runs on both backends
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readEnvironment } from '../core/environment';
import { type AnnotatedItem, type Dataset, fingerprintOf, loadDataset } from '../data/dataset';
import { findDevkits } from '../data/findDevkits';
import { writeScenesDevkit } from '../data/scene/writeScenesDevkit';
import { encodeGrid } from '../grid/gridTarget';
import { Detector } from '../model/detector';
import { type BackendInfo, initBackend } from '../tensor/backend';
import { type ExperimentOverrides, resolveConfig } from './config/config';
import { experimentOf } from './fixtures/experimentOf';
import { scenesFolder } from './fixtures/scenesFolder';
import { loadBackbone } from './setup/backboneWeights';
import { type SittingResults, sit } from './sitting';
import { Workdir } from './workdir/workdir';

const GRID = 7;

let backend: BackendInfo;
const scenes = scenesFolder('overfit-');

before(async () => {
  backend = await initBackend();
});

/** The first pictures of a list in which no two objects, difficult ones included, share a cell. */
async function withoutSharedCells(
  sources: { folder: string; split: string }[],
  count: number,
): Promise<Dataset> {
  const lists = await Promise.all(sources.map((source) => loadDataset([source])));
  const { classes } = lists[0];
  const items = lists.flatMap((list) => list.items.filter(hasCellsOfItsOwn).slice(0, count / lists.length));
  assert.equal(items.length, count);
  return { items, classes, fingerprint: fingerprintOf(items, classes) };
}

function hasCellsOfItsOwn({ annotation: { width, height, objects } }: AnnotatedItem): boolean {
  const normalised = objects.map(({ box: { left, top, right, bottom } }) => ({
    classIndex: 0,
    box: { left: left / width, top: top / height, right: right / width, bottom: bottom / height },
  }));
  return encodeGrid([normalised], { gridSize: GRID, classes: 1 }).lost.length === 0;
}

/** The experiment's own training and evaluation, here of the same pictures, which a configuration may not ask for. */
async function overfit(data: Dataset, changes: Partial<ExperimentOverrides>): Promise<SittingResults> {
  const config = resolveConfig({
    name: 'overfit',
    profile: 'smoke',
    train: ['these/pictures'],
    evaluate: ['the/same'],
    model: {
      backbone: 'resnet18',
      head: 'convolutional',
      inputSize: 32 * GRID,
      gridSize: GRID,
      predictors: 1,
      headWidth: 128,
      dropout: 0,
    },
    loss: { kind: 'sigmoid', labelSmoothing: 0 },
    confidenceBias: -4,
    optimizer: { kind: 'adamw', weightDecay: 0 },
    learningRate: 3e-3,
    batchSize: 2,
    epochs: 60,
    ...changes,
  });
  const detector = new Detector({ ...config.model, classes: data.classes });
  detector.initialise(config.seed);
  try {
    const { fingerprint } = await loadBackbone(detector, config.backboneWeights, config.seed);
    const weights = { source: config.backboneWeights, fingerprint };
    const experiment = experimentOf({ config, detector, backend, train: data, evaluate: data, weights });
    const workdir = await Workdir.open(scenes.at('runs'), experiment.identity, { resume: 'drop' });
    try {
      return await sit(experiment, workdir, {});
    } finally {
      await workdir.close();
    }
  } finally {
    detector.dispose();
  }
}

/** What a detector that knows its pictures scores, and how long it took to get there. */
function assertLearnt(
  { evaluation, metrics, seconds }: SittingResults,
  t: { diagnostic(text: string): void },
) {
  const { pooled } = evaluation.final;
  const losses = metrics.filter(({ kind }) => kind === 'epoch').map(({ loss }) => Number(loss));
  t.diagnostic(
    `mAP ${pooled.map} on ${evaluation.final.pictures} pictures after ${losses.length} epochs, ${seconds} s, ` +
      `loss ${losses[0].toFixed(2)} to ${losses.at(-1)!.toFixed(3)}; backend ${backend.name}, ` +
      `${Math.round(process.cpuUsage().user / 1e6)} s of processor time in all`,
  );
  // The last hundredths differ by processor: one detection in the wrong order costs as much.
  assert.ok(pooled.map > 0.9, `mAP ${pooled.map}`);
}

const { dataFolder } = findDevkits();
const sources = ['VOC2007', 'VOC2012'].map((year) => ({ folder: join(dataFolder, year), split: 'train' }));
const lacking = [
  ...sources.map(({ folder, split }) => join(folder, 'ImageSets', 'Main', `${split}.txt`)),
  join(readEnvironment().weightsFolder, 'resnet18.safetensors'),
].find((path) => !existsSync(path));

test('eight photographs are learnt by heart: an mAP near 1 from a frozen backbone', {
  skip: lacking ? `no photographs or weights: ${lacking} is missing` : false,
}, async (t) => {
  const data = await withoutSharedCells(sources, 8);
  t.diagnostic(data.items.map(({ key, annotation }) => `${key} (${annotation.objects.length})`).join(', '));
  assertLearnt(await overfit(data, {}), t);
});

if (lacking) {
  test('generated scenes are learnt by heart: an mAP near 1 from a random frozen backbone', async (t) => {
    const year = await writeScenesDevkit(scenes.at('data'), { train: 16, val: 1 });
    const data = await withoutSharedCells([{ folder: year, split: 'train' }], 4);
    assertLearnt(await overfit(data, { backboneWeights: 'random' }), t);
  });
}
