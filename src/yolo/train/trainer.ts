import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { COUNT, checkArguments, FINITE, FUNCTION, record } from '../core/arguments';
import { UserError } from '../core/errors';
import { numberAbove, numberFrom } from '../core/form';
import type { Batch } from '../data/loader';
import { NAMED_TENSORS } from '../model/weights/assignWeights';
import type { StoredTensor } from '../model/weights/safetensors';
import { type StreamedTensor, streamOf } from '../model/weights/streamedTensor';
import { BatchPasses, type ComputedGradients } from './batchPasses';
import { ExponentialMovingAverage } from './ema';
import { clippingScale, globalNorm } from './gradients';
import { Optimizer } from './optimizer';
import { checkSchedule, learningRateFactor } from './schedule';
import type { StepReport } from './stepReport';
import { streamedUpdate, type ToldOfUpdate } from './streamedUpdate';
import type { TrainerOptions } from './trainerOptions';
import { assignVariables } from './trainerState';

/** The part of a step's report that the update itself knows. */
type StepResult = Omit<StepReport, 'epoch' | 'steps' | 'waited'>;

const OPTIONS = record('a training', {
  network: NAMED_TENSORS,
  optimizer: v.instance(Optimizer, 'an Optimizer'),
  ...{ forward: FUNCTION, loss: FUNCTION, batches: FUNCTION },
  ...{ batchesPerEpoch: COUNT, epochs: COUNT, warmUpSteps: numberFrom(0), seed: FINITE },
  clipNorm: v.nullable(numberAbove(0)),
  emaDecay: v.nullable(numberFrom(0, 1)),
});

/** Runs the updates of a training; who calls it decides what to print, store and evaluate. */
export class Trainer {
  private readonly passes: BatchPasses;
  private readonly ema?: ExponentialMovingAverage;
  private done = 0;

  /**
   * @param options - The averages start as the network's values are now.
   * @throws UserError for an option that is missing, of another kind or out of range.
   */
  constructor(private readonly options: TrainerOptions) {
    checkArguments('Trainer', { options }, { options: OPTIONS });
    checkSchedule(options.schedule);
    this.passes = new BatchPasses(options);
    if (options.emaDecay !== null) {
      this.ema = new ExponentialMovingAverage(options.network, options.emaDecay);
    }
  }

  /**
   * The updates of one epoch, one report each; those that lie before the trainer's step are left out.
   *
   * @param epoch - From 0.
   * @throws UserError if the loss or a gradient is not finite; names the loss's parts and the pictures.
   */
  async *epoch(epoch: number): AsyncGenerator<StepReport> {
    const { batches, batchesPerEpoch, epochs } = this.options;
    const from = Math.max(0, this.done - epoch * batchesPerEpoch);
    if (from >= batchesPerEpoch) {
      return;
    }
    let before = performance.now();
    for await (const batch of batches(epoch, from)) {
      const waited = (performance.now() - before) / 1000;
      try {
        yield { ...(await this.step(batch)), epoch: epoch + 1, steps: batchesPerEpoch * epochs, waited };
      } finally {
        batch.images.dispose();
      }
      before = performance.now();
    }
  }

  /** Compute the gradients of a batch, then move parameters and averages; streamed gradients do both in one. */
  private async step(batch: Batch): Promise<StepResult> {
    const { memory, gradients } = this.options;
    let update = () => this.streamedUpdate(batch);
    if (gradients !== 'streamed') {
      const computed = await this.passes.gradients(batch, this.done);
      memory?.enter('update');
      update = () => this.update(computed, batch);
    }
    const result = await (memory ? memory.runWhole(update) : update());
    memory?.endStep();
    return result;
  }

  /** Clip, and move parameters and averages; frees the gradients. */
  private async update(
    { total, parts, gradients, microNorm, outputGradients }: ComputedGradients,
    { keys }: Batch,
  ): Promise<StepResult> {
    const { optimizer, clipNorm } = this.options;
    try {
      const gradientNorm = await globalNorm([...gradients.values()]);
      const told = { total, parts, gradientNorm };
      refuseNonFinite(told, this.done + 1, keys);
      const factor = this.rateFactor();
      optimizer.apply(gradients, factor, clippingScale(gradientNorm, clipNorm));
      return {
        ...this.finished(told, factor, keys),
        ...(microNorm === undefined ? {} : { microGradientNorm: microNorm }),
        ...(outputGradients ? { outputGradients } : {}),
      };
    } finally {
      tf.dispose([...gradients.values()]);
    }
  }

  private async streamedUpdate(batch: Batch): Promise<StepResult> {
    const { optimizer, clipNorm, memory } = this.options;
    const { keys } = batch;
    const factor = this.rateFactor();
    const outputs = this.passes.outputGradients(this.done);
    try {
      const told = await streamedUpdate({
        ...{ optimizer, factor, clipNorm },
        computeLoss: await this.passes.wholeLoss(batch, this.done, outputs),
        check: (measured) => refuseNonFinite(measured, this.done + 1, keys),
      });
      const outputGradients = await outputs?.norms();
      memory?.enter('update');
      return { ...this.finished(told, factor, keys), ...(outputGradients ? { outputGradients } : {}) };
    } finally {
      outputs?.dispose();
    }
  }

  /** Count the update and move the averages after it. */
  private finished(
    { total, parts, gradientNorm }: ToldOfUpdate,
    factor: number,
    keys: readonly string[],
  ): StepResult {
    this.done += 1;
    this.ema?.update(this.done);
    return { step: this.done, loss: total, parts, gradientNorm, factor, pictures: keys.length };
  }

  private rateFactor(): number {
    const { schedule, warmUpSteps, batchesPerEpoch, epochs } = this.options;
    return learningRateFactor(schedule, this.done, batchesPerEpoch * epochs, warmUpSteps);
  }

  /** Updates done. */
  get steps(): number {
    return this.done;
  }

  /**
   * Put the averaged weights, where they are kept, into the network for as long as `work` takes.
   *
   * @param work - What looks at the network, such as an evaluation.
   * @returns What `work` returns.
   */
  evaluating<T>(work: () => Promise<T>): Promise<T> {
    return this.ema ? this.ema.swappedIn(work) : work();
  }

  /**
   * Everything that an exact continuation needs besides the number of updates, by name; as it is when the numbers are
   * asked for.
   */
  state(): Map<string, StreamedTensor> {
    return new Map([...this.variables()].map(([name, variable]) => [name, streamOf(variable)]));
  }

  /**
   * Go on from a state.
   *
   * @param state - What {@link Trainer.state} gave, as it was or as a file had it.
   * @param steps - Updates done when it was taken.
   * @throws UserError if it belongs to another network or optimizer; then nothing has changed.
   */
  async restore(state: ReadonlyMap<string, StoredTensor | StreamedTensor>, steps: number): Promise<void> {
    this.options.optimizer.prepare();
    await assignVariables(this.variables(), state);
    this.options.optimizer.steps = steps;
    this.done = steps;
  }

  /** Free the averages. The optimizer stays its owner's. */
  dispose(): void {
    this.ema?.dispose();
  }

  private variables(): Map<string, tf.Variable> {
    const { network, optimizer } = this.options;
    const own = [...network.parameters(), ...network.statistics()];
    return new Map([
      ...own.map(({ name, variable }): [string, tf.Variable] => [`network/${name}`, variable]),
      ...prefixed('optimizer/', optimizer.slots()),
      ...prefixed('average/', this.ema?.values() ?? new Map()),
    ]);
  }
}

function prefixed(prefix: string, variables: ReadonlyMap<string, tf.Variable>): [string, tf.Variable][] {
  return [...variables].map(([name, variable]) => [`${prefix}${name}`, variable]);
}

/**
 * @param step - Number of the update, from 1.
 * @param keys - The batch's pictures.
 * @throws UserError if the loss or the gradients' norm is not finite; names the loss's parts and the pictures.
 */
function refuseNonFinite(
  { total, parts, gradientNorm }: ToldOfUpdate,
  step: number,
  keys: readonly string[],
): void {
  if (Number.isFinite(total) && Number.isFinite(gradientNorm)) return;
  const named = Object.entries(parts).map(([name, value]) => `${name} ${value}`);
  throw new UserError(
    `step ${step}: loss ${total} (${named.join(', ')}), gradient norm ${gradientNorm}; ` +
      `pictures ${keys.join(', ')}. Lower the learning rate or look at these pictures' boxes`,
  );
}
