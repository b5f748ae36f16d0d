import * as tf from '@tensorflow/tfjs';
import { StoppedError } from '../core/errors';
import type { ExperimentEvaluation } from '../eval/run/evaluation';
import { StatisticsDrifted } from '../eval/run/statisticsDrift';
import { residentSize } from '../memory/measure/residentSize';
import type { MetricsLine, RunMemory } from '../record/runRecord';
import type { BackendInfo } from '../tensor/backend';
import { upload } from '../tensor/upload';
import { Optimizer } from '../train/optimizer';
import type { Trainer } from '../train/trainer';
import { backendsUsed } from './backendsUsed';
import { isExhausted } from './bestEpoch';
import { Evaluations } from './evaluations';
import type { ExperimentEvents } from './events';
import type { Experiment } from './setup/buildExperiment';
import { makeTrainer, prepareTraining, type Training } from './training';
import { TrainingMemory } from './trainingMemory';
import { epochLine, stepLine } from './workdir/metricsLines';
import type { Workdir } from './workdir/workdir';

/** Results of a training. */
export interface SittingResults {
  /** Every line of metrics, those before a resume included. */
  metrics: MetricsLine[];
  evaluation: ExperimentEvaluation;
  /** Memory that this sitting took. */
  memory: RunMemory;
  /** Time spent on it, in seconds, over all sittings; work that was lost with a killed one does not count. */
  seconds: number;
  /** Backends that computed, in the order of the sittings, each once. */
  backends: BackendInfo[];
}

/** Events that a sitting tells, and the signal that it hears. */
export interface SittingOptions extends ExperimentEvents {
  /** Stops after the step (or batch of features or of an evaluation) under way, all saved, and throws `StoppedError`. */
  signal?: AbortSignal;
}

/**
 * Train and evaluate an experiment to its end, from its newest checkpoint where there is one: a run that was cut short
 * ends as if nothing had happened. A checkpoint is written after every epoch, also before its evaluation; the last one
 * stays until the caller has kept the results.
 *
 * @throws UserError if the folder can't be written; MemoryLimitError if it takes more memory than it may; StoppedError
 * after `signal`.
 */
export async function sit(
  experiment: Experiment,
  workdir: Workdir,
  options: SittingOptions,
): Promise<SittingResults> {
  const started = performance.now();
  const { config, detector } = experiment;
  const statistics =
    config.batchNorm === 'batch' ? await StatisticsDrifted.from(detector.backbone.statistics()) : undefined;
  const onFeatures = (done: number, all: number) => {
    options.onFeatures?.(done, all);
    if (options.signal?.aborted) {
      throw new StoppedError(
        `${workdir.path}: stopped while features were computed, before the first step; start again`,
      );
    }
  };
  detector.backbone.recompute = experiment.plan.recompute;
  const training = await prepareTraining(experiment, onFeatures);
  const sitting = new Sitting(experiment, training, workdir, options, started, statistics);
  try {
    return await sitting.run();
  } finally {
    sitting.dispose();
    await training.close();
  }
}

/** The time between the start of a program that trains and its end. */
class Sitting {
  readonly optimizer: Optimizer;
  readonly memory: TrainingMemory;
  private readonly trainer: Trainer;
  private metrics: MetricsLine[] = [];
  private readonly evaluations: Evaluations;
  private backends: BackendInfo[];
  /** Seconds of the sittings before this one. */
  private spent = 0;

  constructor(
    private readonly experiment: Experiment,
    training: Training,
    private readonly workdir: Workdir,
    private readonly options: SittingOptions,
    /** Start of the sitting, by the clock of `performance`. */
    private readonly started: number,
    statistics: StatisticsDrifted | undefined,
  ) {
    const { config, detector, loss, plan, backend } = experiment;
    this.backends = [backend];
    this.optimizer = new Optimizer(config.optimizer, training.groups);
    this.memory = new TrainingMemory({
      plan,
      network: detector,
      device: backend.device,
      divisible: loss.description.accumulable && plan.gradients === null,
      steps: training.batchesPerEpoch * config.epochs,
      onMemory: options.onMemory,
    });
    this.trainer = makeTrainer(experiment, training, this);
    this.evaluations = new Evaluations({
      ...{ experiment, training, workdir, trainer: this.trainer, memory: this.memory, statistics },
      events: options,
      afterBatch: () => this.stopIfAsked(),
    });
  }

  async run(): Promise<SittingResults> {
    const { config, detector } = this.experiment;
    await upload([...detector.parameters(), ...detector.statistics()].map(({ variable }) => variable));
    await this.resume();
    if (config.evaluateAfter.includes(0) && this.trainer.steps === 0) {
      await this.evaluations.after(0, false);
    }
    // An epoch whose steps are done but whose line is missing was stopped before its evaluation.
    const first = this.metrics.filter(({ kind }) => kind === 'epoch').length + 1;
    for (
      let epoch = first;
      epoch <= config.epochs && !isExhausted(this.evaluations.epochs, config.patience);
      epoch++
    ) {
      await this.epoch(epoch);
    }
    const evaluation = await this.evaluations.finish();
    this.memory.tellLeaks();
    return {
      metrics: this.metrics,
      evaluation,
      memory: this.memory.record(),
      seconds: this.seconds(),
      backends: this.backends,
    };
  }

  dispose(): void {
    this.memory.dispose();
    this.trainer.dispose();
    this.optimizer.dispose();
  }

  /** Take up the newest checkpoint if there is one of this run. */
  private async resume(): Promise<void> {
    const { trainer, memory, workdir, options } = this;
    const checkpoint = await workdir.newest();
    if (checkpoint) {
      await trainer.restore(checkpoint.tensors, checkpoint.step);
      memory.resume(checkpoint.microBatch ?? memory.microBatch);
      this.metrics = [...checkpoint.metrics];
      this.evaluations.epochs = [...checkpoint.evaluated];
      this.spent = checkpoint.seconds;
      this.backends = backendsUsed(checkpoint.backends ?? [], this.experiment.backend, options.onNote);
    }
    await workdir.begin(checkpoint);
    options.onBegin?.(checkpoint?.step ?? 0);
  }

  /** One epoch: its steps, its evaluation where one is due, its line of metrics, a checkpoint. */
  private async epoch(epoch: number): Promise<void> {
    const { config } = this.experiment;
    const last = epoch === config.epochs;
    const due = last || config.evaluateAfter.includes(epoch);
    const resumedAt = this.trainer.steps;
    await this.steps(epoch);
    if (due && this.trainer.steps > resumedAt) {
      // The evaluation can fail, or be stopped, for reasons of its own.
      await this.save();
    }
    const line = epochLine(this.metrics, epoch);
    if (due) {
      line.map = (await this.evaluations.after(epoch, last)).map;
    }
    await this.log(line);
    // The last checkpoint is the one before the evaluation: a run resumed from it only evaluates.
    if (!last) await this.save(line.map as number | undefined);
    this.options.onEpoch?.(line);
  }

  /** The steps of an epoch that are not done yet. */
  private async steps(epoch: number): Promise<void> {
    let before = performance.now();
    for await (const report of this.trainer.epoch(epoch - 1)) {
      const now = performance.now();
      await this.log(
        stepLine(report, {
          seconds: Math.round(now - before) / 1000,
          tensors: tf.memory().numTensors,
          residentMiB: Math.round(residentSize() / 2 ** 20),
        }),
      );
      before = now;
      this.options.onStep?.(report);
      if (this.options.signal?.aborted) {
        await this.save();
      }
      this.stopIfAsked();
    }
  }

  private async log(line: MetricsLine): Promise<void> {
    this.metrics.push(line);
    await this.workdir.log(line);
  }

  private async save(map?: number): Promise<void> {
    await this.workdir.save({
      step: this.trainer.steps,
      microBatch: this.memory.microBatch,
      backends: this.backends,
      map,
      seconds: this.seconds(),
      metrics: this.metrics,
      evaluated: this.evaluations.epochs,
      tensors: this.trainer.state(),
    });
  }

  private seconds(): number {
    return Math.round(this.spent + (performance.now() - this.started) / 1000);
  }

  /** End a training whose state is saved, if a stop was asked for. */
  private stopIfAsked(): void {
    if (this.options.signal?.aborted) {
      throw new StoppedError(
        `${this.workdir.path}: stopped after step ${this.trainer.steps}, everything is saved; go on with --resume`,
      );
    }
  }
}
