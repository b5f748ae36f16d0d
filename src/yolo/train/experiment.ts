import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type BackendInfo, initBackend } from '../backend/backend';
import type { AnnotatedObject } from '../data/annotation';
import { type AnnotatedItem, type Dataset, fingerprintOf, loadDataset } from '../data/dataset';
import { findDevkits, findSource } from '../data/findDevkits';
import type { Batch } from '../data/loader';
import { Random } from '../data/random';
import { saveDetector } from '../detect/trainedDetector';
import type { DetectionLoss } from '../loss/detectionLoss';
import { Detector } from '../model/detector';
import { decodeDetections } from '../target/decodeDetections';
import { encodeGrid } from '../target/gridTarget';
import { version } from '../version';
import { loadBackbone } from './backboneWeights';
import { type ExperimentConfig, type ExperimentOverrides, resolveConfig } from './config';
import { evaluatePooled, type PictureDetections, type PooledEvaluation } from './evaluation';
import type { FeatureFile } from './featureFile';
import { cachedFeatures } from './features';
import { makeLoss } from './lossConfig';
import { Optimizer } from './optimizer';
import {
  type DataUsed,
  findRunRecord,
  hashOf,
  type MetricsLine,
  type RunRecord,
  type RunResult,
  readRunRecord,
  runKey,
  writeRunRecord,
} from './runRecord';
import { type StepReport, Trainer } from './trainer';
import { PLAIN_VIEW, viewCount } from './views';

/** What a run found. */
export interface ExperimentEvaluation {
  /** mAP after the epochs that were evaluated, pooled. */
  epochs: { epoch: number; map: number }[];
  /** After the last epoch. */
  final: PooledEvaluation;
}

/** A run's record with its results. */
export type ExperimentResult = RunResult<ExperimentEvaluation>;

/** What a run tells while it goes. */
export interface ExperimentEvents {
  /** Feature maps computed, of all that are needed of this list; not called where they are cached. */
  onFeatures?(done: number, all: number): void;
  onStep?(report: StepReport): void;
  /** After an epoch's last step and, where one was due, its evaluation. */
  onEpoch?(line: MetricsLine): void;
}

/** Where results are looked for and kept. */
export interface ExperimentOptions extends ExperimentEvents {
  /** Folder of run records. A record of the same config, data and weights is returned instead of training. */
  records: string;
  /**
   * Folder of run directories: the trained network is kept in `<runs>/<name>`, for `loadDetector`. Default: not kept.
   */
  runs?: string;
  /** Folder that holds the years' folders. Default: where the environment says. */
  dataFolder?: string;
  /** Train even where a record exists. Default false. */
  retrain?: boolean;
}

/** Pictures a forward pass of the head in evaluation. */
const EVALUATION_BATCH = 32;

/**
 * Train a head on a frozen backbone and evaluate it, or return the record of having done so.
 *
 * @throws UserError for a wrong configuration, missing data, a broken picture, annotation or weights file.
 */
export async function runExperiment(
  overrides: ExperimentOverrides,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const config = resolveConfig(overrides);
  const recalled = await recallWithoutData(config, options);
  if (recalled) {
    return recalled;
  }
  const load = (lists: readonly string[]) => loadLists(lists, config.limit, options.dataFolder);
  const [train, evaluate] = [await load(config.train), await load(config.evaluate)];
  const backend = await initBackend();
  const detector = new Detector({ ...config.model, classes: train.classes });
  detector.initialise(config.seed);
  try {
    const weights = await loadBackbone(detector, config.backboneWeights, config.seed);
    const data = { train: dataUsed(config.train, train), evaluate: dataUsed(config.evaluate, evaluate) };
    const key = runKey(config, data, weights);
    const found = options.retrain
      ? undefined
      : await findRunRecord<ExperimentEvaluation>(options.records, config.name, key);
    if (found) {
      return found;
    }
    const started = new Date();
    const results = await trainHead(
      { config, detector, backend, weights: weights.fingerprint, train, evaluate },
      options,
    );
    const record: Omit<RunRecord, 'format'> = {
      name: config.name,
      key,
      profile: config.profile,
      config,
      data,
      weights,
      code: version,
      backend,
      started: started.toISOString(),
      seconds: Math.round((Date.now() - started.getTime()) / 1000),
    };
    await writeRunRecord(options.records, { record, ...results });
    return (await findRunRecord<ExperimentEvaluation>(options.records, config.name, key))!;
  } finally {
    detector.dispose();
  }
}

/**
 * Where the data is not on this machine, a record of the same configuration is the best there is: what is missing to
 * its key is only the check that the data would be the same.
 */
async function recallWithoutData(
  config: ExperimentConfig,
  { records, dataFolder, retrain }: ExperimentOptions,
): Promise<ExperimentResult | undefined> {
  const folder = dataFolder ?? findDevkits().dataFolder;
  const present = [...config.train, ...config.evaluate].every((list) =>
    existsSync(join(folder, list.split('/')[0])),
  );
  const path = join(records, config.name);
  if (present || retrain || !existsSync(path)) {
    return undefined;
  }
  const result = await readRunRecord<ExperimentEvaluation>(path);
  return hashOf(result.record.config) === hashOf(config) ? result : undefined;
}

interface HeadTraining {
  config: ExperimentConfig;
  detector: Detector;
  backend: BackendInfo;
  /** Fingerprint of the backbone's weights. */
  weights: string;
  train: Dataset;
  evaluate: Dataset;
}

async function trainHead(
  { config, detector, backend, weights, train, evaluate }: HeadTraining,
  { runs, ...events }: ExperimentOptions,
): Promise<{ metrics: MetricsLine[]; evaluation: ExperimentEvaluation }> {
  const { seed, views } = config;
  const of = { detector, weights, backend, seed };
  const features = await cachedFeatures({ ...of, data: train, views }, events.onFeatures);
  const held = await cachedFeatures({ ...of, data: evaluate, views: PLAIN_VIEW }, events.onFeatures);
  setConfidenceBias(detector, config.confidenceBias);
  const loss = makeLoss(config.loss);
  const optimizer = new Optimizer(config.optimizer, [
    { parameters: detector.head.parameters(), learningRate: config.learningRate },
  ]);
  const pictures = train.items.length;
  const batchSize = Math.min(config.batchSize, pictures);
  const trainer = new Trainer({
    ...config,
    network: detector.head,
    optimizer,
    forward: (inputs, context) => detector.predictFromFeatures(inputs, context),
    loss: (predictions, objects) => loss(predictions, encodeObjects(detector, objects)),
    batches: (epoch) =>
      featureBatches(features, pictures, viewCount(views), batchSize, new Random(seed), epoch),
    batchesPerEpoch: Math.floor(pictures / batchSize),
  });
  const metrics: MetricsLine[] = [];
  const evaluation: Partial<ExperimentEvaluation> & Pick<ExperimentEvaluation, 'epochs'> = { epochs: [] };
  try {
    for (let epoch = 1; epoch <= config.epochs; epoch++) {
      const reports: StepReport[] = [];
      for await (const report of trainer.epoch(epoch - 1)) {
        reports.push(report);
        metrics.push(stepLine(report));
        events.onStep?.(report);
      }
      const line = epochLine(reports);
      if (epoch === config.epochs || config.evaluateAfter.includes(epoch)) {
        const result = await trainer.evaluating(async () => {
          if (runs && epoch === config.epochs) {
            await saveDetector(join(runs, config.name), detector, loss.description.coding);
          }
          const detections = await detectAll(detector, loss, held, evaluate.items);
          return evaluatePooled(evaluate.items, evaluate.classes, detections);
        });
        line.map = result.pooled.map;
        evaluation.epochs.push({ epoch, map: result.pooled.map });
        evaluation.final = result;
      }
      metrics.push(line);
      events.onEpoch?.(line);
    }
  } finally {
    trainer.dispose();
    optimizer.dispose();
    await features.close();
    await held.close();
  }
  return { metrics, evaluation: evaluation as ExperimentEvaluation };
}

async function loadLists(
  lists: readonly string[],
  limit: number | null,
  dataFolder: string | undefined,
): Promise<Dataset> {
  const data = await loadDataset(
    lists.map((list) => findSource(list, dataFolder ? { dataFolder } : undefined)),
  );
  if (limit === null) {
    return data;
  }
  const counts = new Map<string, number>();
  const items = data.items.filter(({ year }) => {
    counts.set(year, (counts.get(year) ?? 0) + 1);
    return counts.get(year)! <= limit;
  });
  return { ...data, items, fingerprint: fingerprintOf(items) };
}

function dataUsed(lists: readonly string[], { items, fingerprint }: Dataset): DataUsed {
  return { parts: [...lists], pictures: items.length, fingerprint };
}

/** Each picture once an epoch in a new order, in one of its views drawn at random; a last part-batch is left out. */
async function* featureBatches(
  features: FeatureFile,
  pictures: number,
  views: number,
  batchSize: number,
  seeded: Random,
  epoch: number,
): AsyncGenerator<Batch> {
  const random = seeded.fork('batches').fork(epoch);
  const order = random.shuffled(Array.from({ length: pictures }, (_, index) => index));
  for (let start = 0; start + batchSize <= pictures; start += batchSize) {
    const indices = order.slice(start, start + batchSize);
    yield await features.read(indices.map((index) => index + pictures * random.integer(0, views - 1)));
  }
}

function encodeObjects(detector: Detector, objects: readonly (readonly AnnotatedObject[])[]) {
  const { classes, gridSize } = detector.spec;
  return encodeGrid(
    objects.map((list) => list.map(({ box, name }) => ({ box, classIndex: classes.indexOf(name) }))),
    { gridSize, classes: classes.length },
  );
}

async function detectAll(
  detector: Detector,
  loss: DetectionLoss,
  features: FeatureFile,
  items: readonly AnnotatedItem[],
): Promise<PictureDetections[]> {
  const all: PictureDetections[] = [];
  for (let start = 0; start < items.length; start += EVALUATION_BATCH) {
    const part = items.slice(start, start + EVALUATION_BATCH);
    const batch = await features.read(part.map((_, index) => start + index));
    const predictions = detector.predictFromFeatures(batch.images);
    const detections = decodeDetections(predictions, {
      coding: loss.description.coding,
      classes: detector.spec.classes.length,
      pictures: part.map(({ key, annotation: { width, height } }) => ({ key, width, height })),
    });
    tf.dispose([predictions, batch.images]);
    part.forEach(({ key }, index) => {
      all.push({ key, detections: detections[index] });
    });
  }
  return all;
}

/** Set the initial bias of every predictor's confidence in the head's last layer. */
function setConfidenceBias(detector: Detector, value: number): void {
  const { predictors } = detector.spec;
  const bias = detector.head.parameters().find(({ name }) => name === 'head.output.bias')!.variable;
  const depth = predictors * 5 + detector.spec.classes.length;
  const values = Float32Array.from({ length: bias.size }, (_, index) => {
    const place = index % depth;
    return place < predictors * 5 && place % 5 === 4 ? value : 0;
  });
  tf.tidy(() => {
    bias.assign(tf.tensor1d(values));
  });
}

function stepLine({ epoch, step, loss, parts, gradientNorm, factor }: StepReport): MetricsLine {
  return { kind: 'step', epoch, step, loss, ...parts, gradientNorm, factor };
}

function epochLine(reports: readonly StepReport[]): MetricsLine {
  const mean = (value: (report: StepReport) => number) =>
    reports.reduce((sum, report) => sum + value(report), 0) / reports.length;
  const { epoch, step, parts } = reports.at(-1)!;
  const means = Object.keys(parts).map((name) => [name, mean((report) => report.parts[name])]);
  return { kind: 'epoch', epoch, step, loss: mean(({ loss }) => loss), ...Object.fromEntries(means) };
}
