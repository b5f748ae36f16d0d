import { appendFile, mkdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import writeFileAtomic from 'write-file-atomic';
import type { AnnotatedObject } from '../data/annotation';
import { saveDetector } from '../detect/detectorFolder';
import { UserError } from '../errors';
import type { DetectionLoss } from '../loss/detectionLoss';
import { residentSize } from '../memory/residentSize';
import type { Detector } from '../model/detector';
import { decodeDetections } from '../target/decodeDetections';
import { encodeGrid } from '../target/gridTarget';
import { readLatestCheckpoint, removeCheckpoints, writeCheckpoint } from './checkpoint';
import { type ExperimentEvaluation, evaluatePooled, type PictureDetections } from './evaluation';
import type { ExperimentEvents } from './events';
import { makeLoss } from './lossConfig';
import { epochLine, evaluatedEpochs, parseLine, stepLine } from './metricsLines';
import { Optimizer } from './optimizer';
import { lockRun } from './runLock';
import type { MetricsLine } from './runRecord';
import { Trainer } from './trainer';
import { prepareTraining, type TrainingParts } from './training';

const METRICS = 'metrics.jsonl';
const KEY = 'key.json';
const CHECKPOINTS = 'checkpoints';

/** How a training goes about its run directory. */
export interface RunTrainingOptions extends ExperimentEvents {
  /** The run directory: metrics, checkpoints, and in the end the trained network. */
  folder: string;
  /** Hash of config, data and weights; a checkpoint of another key is not gone on from. */
  key: string;
  /** What to do with checkpoints that an unfinished run of this key left. */
  resume: 'continue' | 'drop' | 'refuse';
  /** Stops after the step that is under way, saves a checkpoint and throws `StoppedError`. */
  signal?: AbortSignal;
}

/** A training that was asked to stop and has saved where it stood. */
export class StoppedError extends UserError {}

/**
 * Train and evaluate in a run directory. A checkpoint is written after every epoch; a run that was cut short goes on
 * from the newest one and ends as if nothing had happened.
 *
 * @returns Every line of metrics, those before a resume included, and the evaluation.
 * @throws UserError if another process trains in the folder, or it can't be written; StoppedError after `signal`.
 */
export async function runTraining(
  parts: TrainingParts,
  options: RunTrainingOptions,
): Promise<{ metrics: MetricsLine[]; evaluation: ExperimentEvaluation }> {
  const unlock = await lockRun(options.folder);
  try {
    return await trainLocked(parts, options);
  } finally {
    await unlock();
    // What failed before anything was computed leaves no folder behind; one with content stays.
    await rmdir(options.folder).catch(() => undefined);
  }
}

async function trainLocked(parts: TrainingParts, options: RunTrainingOptions) {
  const { config, detector } = parts;
  const { folder, signal } = options;
  const checkpoints = join(folder, CHECKPOINTS);
  setConfidenceBias(detector, config.confidenceBias);
  const training = await prepareTraining({ ...parts, onFeatures: options.onFeatures });
  const loss = makeLoss(config.loss);
  const optimizer = new Optimizer(config.optimizer, training.groups);
  const trainer = new Trainer({
    ...config,
    ...training,
    optimizer,
    loss: (predictions, objects) => loss(predictions, encodeObjects(detector, objects)),
  });
  const metrics: MetricsLine[] = [];
  let evaluation: ExperimentEvaluation | undefined;
  try {
    metrics.push(...(await goOn(trainer, checkpoints, options)));
    // An epoch whose steps are done but whose line is missing was stopped before its evaluation.
    const first = metrics.filter(({ kind }) => kind === 'epoch').length + 1;
    const log = async (line: MetricsLine) => {
      metrics.push(line);
      await appendFile(join(folder, METRICS), `${JSON.stringify(line)}\n`);
    };
    const save = async (map?: number) =>
      writeCheckpoint(checkpoints, { step: trainer.steps, map, tensors: await trainer.state() });
    for (let epoch = first; epoch <= config.epochs; epoch++) {
      let before = performance.now();
      for await (const report of trainer.epoch(epoch - 1)) {
        const now = performance.now();
        await log(
          stepLine(report, {
            seconds: Math.round(now - before) / 1000,
            tensors: tf.memory().numTensors,
            residentMiB: Math.round(residentSize() / 2 ** 20),
          }),
        );
        before = now;
        options.onStep?.(report);
        if (signal?.aborted) {
          await save();
          throw new StoppedError(
            `${folder}: stopped after step ${trainer.steps}, everything is saved; go on with --resume`,
          );
        }
      }
      const line = epochLine(metrics, epoch);
      if (epoch === config.epochs || config.evaluateAfter.includes(epoch)) {
        evaluation = await trainer.evaluating(async () => {
          if (epoch === config.epochs) {
            await saveDetector(folder, detector, loss.description.coding);
          }
          const found: PictureDetections[] = [];
          for await (const { items, predictions } of training.predictions()) {
            found.push(...detectionsOf(detector, loss, items, predictions));
          }
          const final = evaluatePooled(parts.evaluate.items, parts.evaluate.classes, found);
          return { epochs: [...evaluatedEpochs(metrics), { epoch, map: final.pooled.map }], final };
        });
        line.map = evaluation.final.pooled.map;
      }
      await log(line);
      if (epoch < config.epochs) {
        await save(evaluation?.final.pooled.map);
      }
      options.onEpoch?.(line);
    }
  } finally {
    trainer.dispose();
    optimizer.dispose();
    await training.close();
  }
  await removeCheckpoints(checkpoints);
  return { metrics, evaluation: evaluation! };
}

/** Take up the newest checkpoint if there is one of this key; returns the lines of metrics up to it. */
async function goOn(
  trainer: Trainer,
  checkpoints: string,
  { folder, key, resume }: RunTrainingOptions,
): Promise<MetricsLine[]> {
  const lines: MetricsLine[] = [];
  const sameRun = (await readFile(join(folder, KEY), 'utf8').catch(() => '')) === key;
  const checkpoint = sameRun && resume !== 'drop' ? await readLatestCheckpoint(checkpoints) : undefined;
  if (checkpoint && resume === 'refuse') {
    throw new UserError(
      `${folder}: holds an unfinished run, saved after step ${checkpoint.step}; go on with --resume or start anew with --retrain`,
    );
  }
  if (checkpoint) {
    trainer.restore(checkpoint.tensors, checkpoint.step);
    const text = await readFile(join(folder, METRICS), 'utf8');
    for (const line of text.split('\n').filter(Boolean)) {
      const parsed = parseLine(line);
      // Steps after the checkpoint are done again; the line of an epoch follows its last step.
      if (!parsed || parsed.step > checkpoint.step) {
        break;
      }
      lines.push(parsed);
    }
  } else {
    await removeCheckpoints(checkpoints);
  }
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, METRICS), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await writeFileAtomic(join(folder, KEY), key);
  return lines;
}

function encodeObjects(detector: Detector, objects: readonly (readonly AnnotatedObject[])[]) {
  const { classes, gridSize } = detector.spec;
  return encodeGrid(
    objects.map((list) => list.map(({ box, name }) => ({ box, classIndex: classes.indexOf(name) }))),
    { gridSize, classes: classes.length },
  );
}

function detectionsOf(
  detector: Detector,
  loss: DetectionLoss,
  items: TrainingParts['evaluate']['items'],
  predictions: tf.Tensor4D,
): PictureDetections[] {
  try {
    const detections = decodeDetections(predictions, {
      coding: loss.description.coding,
      classes: detector.spec.classes.length,
      pictures: items.map(({ key, annotation: { width, height } }) => ({ key, width, height })),
    });
    return items.map(({ key }, index) => ({ key, detections: detections[index] }));
  } finally {
    predictions.dispose();
  }
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
