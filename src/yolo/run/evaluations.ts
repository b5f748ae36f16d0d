import { saveDetector } from '../detect/detectorFolder';
import type { EpochEvaluation, ExperimentEvaluation } from '../eval/run/evaluation';
import { EvaluationPass } from '../eval/run/evaluationPass';
import type { StatisticsDrifted } from '../eval/run/statisticsDrift';
import type { Trainer } from '../train/trainer';
import { bestEpoch, choiceInWords } from './bestEpoch';
import type { ExperimentEvents } from './events';
import { reestimateStatistics } from './reestimateStatistics';
import type { Experiment } from './setup/buildExperiment';
import type { Judging, Training } from './training';
import type { TrainingMemory } from './trainingMemory';
import type { Workdir } from './workdir/workdir';

/** The experiment whose network is evaluated, and its training. */
interface EvaluationsOf {
  experiment: Experiment;
  training: Training;
  trainer: Trainer;
  memory: TrainingMemory;
  workdir: Workdir;
  /** The part whose BatchNorm statistics move. */
  statistics?: StatisticsDrifted;
  /** Called after every batch; an error that it throws ends the evaluation. */
  afterBatch(): void;
  events: ExperimentEvents;
}

/** The evaluations of a training: after its epochs, and at its end of the network that counts, which it writes. */
export class Evaluations {
  /** Evaluations after the epochs so far. */
  epochs: EpochEvaluation[] = [];
  /** The evaluation of the network as it is; none after a resume, or a return to an earlier network. */
  private last?: EvaluationPass;

  constructor(private readonly of: EvaluationsOf) {}

  /** Evaluate after an epoch, 0 for before the first step. @param isLast True if it leaves the network to keep. */
  after(epoch: number, isLast: boolean): Promise<EpochEvaluation> {
    const { experiment, trainer, statistics } = this.of;
    const decides = experiment.heldOut !== undefined;
    return trainer.evaluating(async () => {
      if (isLast && !decides) {
        await this.settleStatistics();
        await this.keep();
      }
      this.last = await this.judge(decides ? 'heldOut' : 'evaluate');
      const drift = statistics ? { statisticsDrift: await statistics.drift() } : {};
      const evaluation = { ...this.last.epoch(epoch), ...drift };
      this.epochs.push(evaluation);
      return evaluation;
    });
  }

  /** Evaluates in the end: the last network, or the one that the held-out pictures chose. */
  async finish(): Promise<ExperimentEvaluation> {
    const { experiment, trainer, events } = this.of;
    const { heldOut } = experiment;
    if (!heldOut) return { epochs: this.epochs, final: this.last!.final() };
    const { epoch, map } = bestEpoch(this.epochs);
    await this.goBackTo(epoch);
    return trainer.evaluating(async () => {
      if (await this.settleStatistics()) this.last = undefined;
      const cut = (this.last ?? (await this.judge('heldOut'))).scoreCut();
      await this.keep(cut?.score);
      const chosen = { pictures: heldOut.items.length, epoch, map, ...(cut ? { scoreCut: cut } : {}) };
      events.onNote?.(choiceInWords(chosen));
      return { epochs: this.epochs, heldOut: chosen, final: (await this.judge('evaluate')).final() };
    });
  }

  /** Take up the weights after an epoch that was evaluated. */
  private async goBackTo(epoch: number): Promise<void> {
    const { trainer, training, workdir } = this.of;
    const step = epoch * training.batchesPerEpoch;
    if (step === trainer.steps) return;
    const { tensors } = await workdir.checkpointOf(step);
    await trainer.restore(tensors, step);
    this.last = undefined;
  }

  /** Give BatchNorm the running statistics of the network that counts; false where training's own are kept. */
  private async settleStatistics(): Promise<boolean> {
    const { experiment, statistics } = this.of;
    const { finalStatistics } = experiment.config;
    if (finalStatistics === 'restored') statistics!.restore();
    if (finalStatistics === 'reestimated') await reestimateStatistics(experiment);
    return finalStatistics !== null;
  }

  /** Write the network into the run's folder. */
  private async keep(scoreCut?: number): Promise<void> {
    const { experiment, workdir } = this.of;
    await workdir.requireLock();
    await saveDetector(workdir.path, experiment.detector, experiment.loss.description.coding, scoreCut);
  }

  private async judge(judging: Judging): Promise<EvaluationPass> {
    const { experiment, training, memory, events, afterBatch } = this.of;
    const data = experiment[judging]!;
    const pass = new EvaluationPass(data, experiment.loss.description.coding);
    memory.enter('evaluate');
    let done = 0;
    for await (const { items, predictions } of training.predictions(judging)) {
      await pass.add(items, predictions);
      done += items.length;
      events.onEvaluated?.(done, data.items.length);
      afterBatch();
    }
    memory.enter(undefined);
    return pass;
  }
}
