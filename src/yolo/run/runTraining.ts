import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { messageOf, StoppedError, UserError } from '../core/errors';
import { Lock } from '../core/lock';
import { encodeObjects } from '../data/gridObjects';
import { saveDetector } from '../detect/detectorFolder';
import type { EpochEvaluation, ExperimentEvaluation } from '../eval/run/evaluation';
import { EvaluationPass } from '../eval/run/evaluationPass';
import { StatisticsDrifted } from '../eval/run/statisticsDrift';
import type { DetectionLoss } from '../loss/detectionLoss';
import { residentSize } from '../memory/residentSize';
import type { MetricsLine, RunMemory } from '../record/runRecord';
import { Optimizer } from '../train/optimizer';
import { Trainer } from '../train/trainer';
import type { ExperimentEvents } from './events';
import { makeLoss } from './lossConfig';
import { planTraining } from './memoryPlan';
import { epochLine, stepLine } from './metricsLines';
import { RunFolder } from './runFolder';
import { prepareTraining, type Training, type TrainingParts } from './training';
import { TrainingMemory } from './trainingMemory';

const LOCK = 'lock';

/** What a training found. */
export interface TrainingResults {
  /** Every line of metrics, those before a resume included. */
  metrics: MetricsLine[];
  evaluation: ExperimentEvaluation;
  /** What the last session took. */
  memory: RunMemory;
  /** Time spent on it, in seconds, over all sessions; work that was lost with a killed one does not count. */
  seconds: number;
}

/** How a training goes about its run directory. */
export interface RunTrainingOptions extends ExperimentEvents {
  /** The run directory: metrics, checkpoints, and in the end the trained network. */
  folder: string;
  /** Hash of config, data and weights; a checkpoint of another key is not gone on from. */
  key: string;
  /** What to do with checkpoints that an unfinished run of this key left. */
  resume: 'continue' | 'drop' | 'refuse';
  /** What it may take, such as `6GB`. Default: `$YOLOV1_MEMORY`, then no budget. */
  memory?: string;
  /** Stops after the step (or batch of features or of an evaluation) under way, all saved, and throws `StoppedError`. */
  signal?: AbortSignal;
  /** Keeps the results. Until it has, the checkpoints stay: should it fail, only this is done again. */
  keep(results: TrainingResults): Promise<void>;
}

/**
 * Train and evaluate in a run directory. A checkpoint is written after every epoch, also before its evaluation; a run
 * that was cut short goes on from the newest one and ends as if nothing had happened.
 *
 * @throws UserError if another process trains in the folder, or it can't be written, or nothing fits the memory;
 * MemoryLimitError if it takes more memory than it may; StoppedError after `signal`.
 */
export async function runTraining(parts: TrainingParts, options: RunTrainingOptions): Promise<void> {
  const lock = await lockFolder(options.folder);
  try {
    await trainLocked(parts, options);
  } finally {
    await lock.release();
    // What failed before anything was computed leaves no folder behind; one with content stays.
    await rmdir(options.folder).catch(() => undefined);
  }
}

/** Take a run directory for this process, so that two trainings never write into one. */
async function lockFolder(folder: string): Promise<Lock> {
  const lock = await Lock.take(join(folder, LOCK)).catch((error) => {
    throw new UserError(
      `${folder}: cannot use run directory (${messageOf(error)}); check space and permission`,
    );
  });
  if (lock instanceof Lock) return lock;
  throw new UserError(`${folder}: ${lock} is training here; wait for it, or give this run another name`);
}

async function trainLocked(parts: TrainingParts, options: RunTrainingOptions): Promise<void> {
  const { config, detector } = parts;
  const started = performance.now();
  const loss = makeLoss(config.loss);
  const plan = planTraining({
    config,
    network: detector,
    batch: Math.min(config.batchSize, parts.train.items.length),
    backend: parts.backend,
    loss: loss.description,
    memory: options.memory,
  });
  const statistics =
    config.batchNorm === 'batch' ? await StatisticsDrifted.from(detector.backbone.statistics()) : undefined;
  const onFeatures = (done: number, all: number) => {
    options.onFeatures?.(done, all);
    if (options.signal?.aborted) {
      throw new StoppedError(
        `${options.folder}: stopped while features were computed, before the first step; start again`,
      );
    }
  };
  const training = await prepareTraining({ ...parts, onFeatures });
  try {
    await trainPrepared({ ...parts, training, loss, plan, statistics, started }, options);
  } finally {
    await training.close();
  }
}

/** What a training needs besides its parts once features are computed. */
interface Prepared extends TrainingParts {
  training: Training;
  loss: DetectionLoss;
  plan: ReturnType<typeof planTraining>;
  statistics: StatisticsDrifted | undefined;
  /** By the clock of `performance`. */
  started: number;
}

async function trainPrepared(parts: Prepared, options: RunTrainingOptions): Promise<void> {
  const { config, detector, training, loss, plan, statistics, started } = parts;
  const optimizer = new Optimizer(config.optimizer, training.groups);
  const memory = new TrainingMemory({
    plan,
    network: detector,
    device: parts.backend.device,
    divisible: loss.description.accumulable,
    steps: training.batchesPerEpoch * config.epochs,
    onMemory: options.onMemory,
  });
  const trainer = new Trainer({
    ...config,
    ...training,
    optimizer,
    loss: (predictions, objects) =>
      loss(predictions, encodeObjects(detector.spec.classes, predictions.shape, objects)),
    warmUpSteps: (config.warmUpEpochs ?? 0) * training.batchesPerEpoch || config.warmUpSteps,
    memory,
  });
  try {
    const folder = new RunFolder(options.folder, options.key);
    const { metrics, evaluated, spent } = await goOn(trainer, memory, folder, options);
    const seconds = () => Math.round(spent + (performance.now() - started) / 1000);
    const log = async (line: MetricsLine) => {
      metrics.push(line);
      await folder.log(line);
    };
    const save = async (map?: number) =>
      folder.save({
        step: trainer.steps,
        microBatch: memory.microBatch,
        map,
        seconds: seconds(),
        metrics,
        evaluated,
        tensors: await trainer.state(),
      });
    const evaluate = (epoch: number) =>
      trainer.evaluating(async () => {
        if (epoch === config.epochs) {
          await saveDetector(options.folder, detector, loss.description.coding);
        }
        const pass = new EvaluationPass(parts.evaluate, loss.description.coding);
        memory.enter('evaluate');
        let done = 0;
        for await (const { items, predictions } of training.predictions()) {
          await pass.add(items, predictions);
          done += items.length;
          options.onEvaluated?.(done, parts.evaluate.items.length);
          stopIfAsked(trainer, options);
        }
        memory.enter(undefined);
        const drift = statistics ? { statisticsDrift: await statistics.drift() } : {};
        evaluated.push({ ...pass.epoch(epoch), ...drift });
        return pass;
      });
    if (config.evaluateAfter.includes(0) && trainer.steps === 0) {
      await evaluate(0);
    }
    // An epoch whose steps are done but whose line is missing was stopped before its evaluation.
    const first = metrics.filter(({ kind }) => kind === 'epoch').length + 1;
    for (let epoch = first; epoch <= config.epochs; epoch++) {
      const last = epoch === config.epochs;
      const due = last || config.evaluateAfter.includes(epoch);
      const resumedAt = trainer.steps;
      await trainEpoch(trainer, epoch, { log, save, options });
      if (due && trainer.steps > resumedAt) {
        // What follows can fail, or be stopped, for reasons of its own.
        await save();
      }
      const line = epochLine(metrics, epoch);
      const evaluation = due ? await evaluate(epoch) : undefined;
      const map = due ? evaluated.at(-1)!.map : undefined;
      if (map !== undefined) {
        line.map = map;
      }
      await log(line);
      if (last) {
        memory.tellLeaks();
        const found = { epochs: evaluated, final: evaluation!.final() };
        await options.keep({ metrics, evaluation: found, memory: memory.record(), seconds: seconds() });
      } else {
        await save(map);
      }
      options.onEpoch?.(line);
    }
    await folder.end();
  } finally {
    memory.dispose();
    trainer.dispose();
    optimizer.dispose();
  }
}

/** The steps of an epoch that are not done yet. */
async function trainEpoch(
  trainer: Trainer,
  epoch: number,
  {
    log,
    save,
    options,
  }: { log(line: MetricsLine): Promise<void>; save(): Promise<void>; options: RunTrainingOptions },
): Promise<void> {
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
    if (options.signal?.aborted) {
      await save();
    }
    stopIfAsked(trainer, options);
  }
}

/** End a training whose state is saved, where that was asked for. */
function stopIfAsked(trainer: Trainer, { folder, signal }: RunTrainingOptions): void {
  if (signal?.aborted) {
    throw new StoppedError(
      `${folder}: stopped after step ${trainer.steps}, everything is saved; go on with --resume`,
    );
  }
}

/** Take up the newest checkpoint if there is one of this key: its lines of metrics and the seconds spent until it. */
async function goOn(
  trainer: Trainer,
  memory: TrainingMemory,
  folder: RunFolder,
  { resume, onBegin }: RunTrainingOptions,
): Promise<{ metrics: MetricsLine[]; evaluated: EpochEvaluation[]; spent: number }> {
  const checkpoint = resume === 'drop' ? undefined : await folder.newest();
  if (checkpoint && resume === 'refuse') {
    throw new UserError(
      `${folder.path}: holds an unfinished run, saved after step ${checkpoint.step}; go on with --resume or start anew with --retrain`,
    );
  }
  if (checkpoint) {
    trainer.restore(checkpoint.tensors, checkpoint.step);
    memory.resume(checkpoint.microBatch ?? memory.microBatch);
  }
  await folder.begin(checkpoint);
  onBegin?.(checkpoint?.step ?? 0);
  return {
    metrics: [...(checkpoint?.metrics ?? [])],
    evaluated: [...(checkpoint?.evaluated ?? [])],
    spent: checkpoint?.seconds ?? 0,
  };
}
