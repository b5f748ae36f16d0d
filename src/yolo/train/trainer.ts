import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import type { AnnotatedObject } from '../data/annotation';
import type { Batch } from '../data/loader';
import type { LossValue } from '../loss/detectionLoss';
import { type Slice, slicesOf } from '../memory/guard';
import type { Phase } from '../memory/phases';
import type { Predictions } from '../model/detector';
import type { ForwardContext, Parameter } from '../model/layer';
import type { StoredTensor } from '../model/safetensors';
import type { NamedTensors } from '../model/weights';
import { keepingHalfBits } from '../tensor/ops/halfBits';
import { ExponentialMovingAverage } from './ema';
import { clippingScale, globalNorm } from './gradients';
import type { LossShare } from './lossShare';
import type { Optimizer } from './optimizer';
import { OutputGradients } from './outputGradients';
import { checkSchedule, learningRateFactor, type Schedule } from './schedule';
import { accumulateGradients, type BatchGradients } from './step';
import { streamedUpdate, type ToldOfUpdate } from './streamedUpdate';
import { assignVariables, storeVariables } from './trainerState';

/** What is trained, on what, and how. */
export interface TrainerOptions {
  /** What the averages follow: parameters and running statistics. */
  network: NamedTensors;
  optimizer: Optimizer;
  /** `[N, ...]` inputs to predictions. */
  forward: (inputs: tf.Tensor4D, context: ForwardContext) => Predictions;
  /** Loss of predictions against the objects of the same pictures; called inside a tidy. */
  loss: (predictions: Predictions, objects: readonly (readonly AnnotatedObject[])[]) => LossValue;
  /**
   * The loss in shares that add up to that of the whole batch; needed where a batch goes through in micro-batches. See
   * {@link microBatch}.
   */
  lossShares?: (objects: readonly (readonly AnnotatedObject[])[]) => LossShare;
  /**
   * Pictures that go through the network at once; null or none for the whole batch. Gradients are added, so an update is
   * that of the whole batch, except where BatchNorm takes statistics: then it is of these pictures only.
   */
  microBatch?: number | null;
  /**
   * `streamed`: each parameter is changed as soon as its gradient has been computed, so that gradients take no memory
   * beside each other; the batch goes through at once, twice where gradients are clipped. Null or none: all gradients
   * first.
   */
  gradients?: 'streamed' | null;
  /** Bits of what is kept for the backward pass; null or none for 32. 16 on the native backend only. */
  activationBits?: 16 | null;
  /** Look at the gradients with respect to the outputs at the first and then every n-th step; null or none never. */
  gradientNormsEvery?: number | null;
  /** Decides on the micro-batch instead. */
  memory?: StepMemory;
  /** The batches of one epoch (from 0) from the given one on; the trainer disposes their tensors. */
  batches: (epoch: number, from: number) => AsyncIterable<Batch>;
  batchesPerEpoch: number;
  epochs: number;
  schedule: Schedule;
  warmUpSteps: number;
  clipNorm: number | null;
  emaDecay: number | null;
  seed: number;
}

/** Watches what the steps take, and may have a step computed in smaller pieces. */
export interface StepMemory {
  /** A phase begins. */
  enter(phase: Phase): void;
  /**
   * Compute gradients in as few slices as fit; called again with more of them when memory runs out.
   *
   * @param state - Variables that `compute` changes.
   */
  run<T>(
    pictures: number,
    compute: (slices: readonly Slice[]) => Promise<T>,
    state: readonly tf.Variable[],
  ): Promise<T>;
  /** Compute what can't be cut. */
  runWhole<T>(compute: () => Promise<T>): Promise<T>;
  /** The step is done. @throws MemoryLimitError if it took too much. */
  endStep(): void;
}

/** What one update did. */
export interface StepReport {
  /** From 1. */
  epoch: number;
  /** Updates done, from 1. */
  step: number;
  steps: number;
  loss: number;
  parts: Record<string, number>;
  /** Global norm before clipping. */
  gradientNorm: number;
  /** The schedule's factor on the base rates. */
  factor: number;
  pictures: number;
  /** Seconds for which the step had no pictures to work on. */
  waited: number;
  /** Where the batch went through in micro-batches; see {@link BatchGradients}. */
  microGradientNorm?: number;
  /** At every n-th step: norm of each loss part's gradient with respect to the network's outputs. */
  outputGradients?: Record<string, number>;
}

/** What the update itself tells of a step. */
type StepResult = Omit<StepReport, 'epoch' | 'steps' | 'waited'>;

interface ComputedGradients extends BatchGradients {
  outputGradients?: Record<string, number>;
}

/** Runs the updates of a training; who calls it decides what to print, store and evaluate. */
export class Trainer {
  private readonly ema?: ExponentialMovingAverage;
  private readonly random: Random;
  private done = 0;

  /** @throws UserError for an unknown schedule or an option of it out of range. */
  constructor(private readonly options: TrainerOptions) {
    checkSchedule(options.schedule);
    this.random = new Random(options.seed).fork('dropout');
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

  /** Updates done. */
  get steps(): number {
    return this.done;
  }

  /** Everything that an exact continuation needs besides the number of updates, by name. */
  state(): Promise<Map<string, StoredTensor>> {
    return storeVariables(this.variables());
  }

  /**
   * Go on from a state.
   *
   * @param steps - Updates done when it was taken.
   * @throws UserError if it belongs to another network or optimizer; then nothing has changed.
   */
  restore(state: ReadonlyMap<string, StoredTensor>, steps: number): void {
    this.options.optimizer.prepare();
    assignVariables(this.variables(), state);
    this.options.optimizer.steps = steps;
    this.done = steps;
  }

  /** Run `work` with the averaged weights in the network, where averages are kept. */
  evaluating<T>(work: () => Promise<T>): Promise<T> {
    return this.ema ? this.ema.swappedIn(work) : work();
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

  private async step(batch: Batch): Promise<StepResult> {
    const { memory } = this.options;
    if (this.options.gradients === 'streamed') {
      const update = () => this.streamedUpdate(batch);
      const result = await (memory ? memory.runWhole(update) : update());
      memory?.endStep();
      return result;
    }
    const computed = await this.guardedGradients(batch);
    memory?.enter('update');
    const update = () => this.update(computed, batch);
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
      this.checkFinite({ total, parts, gradientNorm }, keys);
      const factor = this.rateFactor();
      optimizer.apply(gradients, factor, clippingScale(gradientNorm, clipNorm));
      this.done += 1;
      this.ema?.update(this.done);
      return {
        step: this.done,
        loss: total,
        parts,
        gradientNorm,
        factor,
        pictures: keys.length,
        ...(microNorm === undefined ? {} : { microGradientNorm: microNorm }),
        ...(outputGradients ? { outputGradients } : {}),
      };
    } finally {
      tf.dispose([...gradients.values()]);
    }
  }

  /** Passes and update in one. */
  private async streamedUpdate({ keys, images, objects }: Batch): Promise<StepResult> {
    const { optimizer, clipNorm, loss, memory } = this.options;
    const factor = this.rateFactor();
    const context = this.contextOf(keys);
    const outputs = this.looksAtOutputs() ? new OutputGradients() : undefined;
    const whole = (predictions: Predictions) => loss(predictions, objects);
    try {
      const told = await streamedUpdate({
        ...{ optimizer, factor, clipNorm },
        computeLoss: (entries) =>
          this.pass(images, { ...context, ...entries }, whole, entries.again ? undefined : outputs),
        check: (measured) => this.checkFinite(measured, keys),
      });
      const outputGradients = await outputs?.norms();
      memory?.enter('update');
      this.done += 1;
      this.ema?.update(this.done);
      const { total, parts, gradientNorm } = told;
      return {
        ...{ step: this.done, loss: total, parts, gradientNorm, factor, pictures: keys.length },
        ...(outputGradients ? { outputGradients } : {}),
      };
    } finally {
      outputs?.dispose();
    }
  }

  private rateFactor(): number {
    const { schedule, warmUpSteps, batchesPerEpoch, epochs } = this.options;
    return learningRateFactor(schedule, this.done, batchesPerEpoch * epochs, warmUpSteps);
  }

  /** @throws UserError if the loss or a gradient is not finite; names the loss's parts and the pictures. */
  private checkFinite({ total, parts, gradientNorm }: ToldOfUpdate, keys: readonly string[]): void {
    if (!Number.isFinite(total) || !Number.isFinite(gradientNorm)) {
      throw new UserError(
        `step ${this.done + 1}: loss ${total} (${namedValues(parts)}), gradient norm ${gradientNorm}; ` +
          `pictures ${keys.join(', ')}. Lower the learning rate or look at these pictures' boxes`,
      );
    }
  }

  /** Dropout's masks are drawn by the pictures' keys. */
  private contextOf(keys: readonly string[]): ForwardContext {
    const pictureSeeds = keys.map((key) => this.random.fork(this.done).fork(key).uint32());
    return { training: true, pictureSeeds };
  }

  private guardedGradients(batch: Batch): Promise<ComputedGradients> {
    const { memory, microBatch, network } = this.options;
    const pictures = batch.keys.length;
    if (!memory) {
      return this.gradients(batch, slicesOf(pictures, microBatch ?? pictures));
    }
    const statistics = network.statistics().map(({ variable }) => variable as tf.Variable);
    return memory.run(pictures, (slices) => this.gradients(batch, slices), statistics);
  }

  /** Loss and gradients of a batch that goes through in slices. */
  private async gradients(
    { keys, images, objects }: Batch,
    slices: readonly Slice[],
  ): Promise<ComputedGradients> {
    const { optimizer, loss, lossShares } = this.options;
    const { pictureSeeds } = this.contextOf(keys);
    const context = ({ start, end }: Slice): ForwardContext => ({
      training: true,
      pictureSeeds: pictureSeeds!.slice(start, end),
    });
    const parameters = optimizer.parameters as Parameter[];
    const outputs = this.looksAtOutputs() ? new OutputGradients() : undefined;
    const computed = async (passes: readonly (() => LossValue)[]): Promise<ComputedGradients> => {
      try {
        const sum = await accumulateGradients(passes, parameters);
        const outputGradients = await outputs?.norms().catch((error) => {
          tf.dispose([...sum.gradients.values()]);
          throw error;
        });
        return outputGradients ? { ...sum, outputGradients } : sum;
      } finally {
        outputs?.dispose();
      }
    };
    if (slices.length === 1) {
      const whole = (predictions: Predictions) => loss(predictions, objects);
      return computed([() => this.pass(images, context(slices[0]), whole, outputs)]);
    }
    if (!lossShares) {
      throw new Error('lossShares: none given, expected them where a batch is larger than microBatch');
    }
    const shareOf = lossShares(objects);
    return computed(
      slices.map((slice) => () => {
        const part = images.slice(slice.start, slice.end - slice.start);
        const share = (predictions: Predictions) => shareOf(predictions, slice);
        return this.pass(part, context(slice), share, outputs);
      }),
    );
  }

  private looksAtOutputs(): boolean {
    const { gradientNormsEvery } = this.options;
    return gradientNormsEvery != null && this.done % gradientNormsEvery === 0;
  }

  private pass(
    inputs: tf.Tensor4D,
    context: ForwardContext,
    loss: (predictions: Predictions) => LossValue,
    outputs: OutputGradients | undefined,
  ): LossValue {
    const { forward, memory } = this.options;
    memory?.enter('forward');
    const run = () => forward(inputs, context);
    const predictions = this.options.activationBits === 16 ? keepingHalfBits(run) : run();
    outputs?.note(predictions, loss);
    const value = loss(predictions);
    memory?.enter('backward');
    return value;
  }
}

function prefixed(prefix: string, variables: ReadonlyMap<string, tf.Variable>): [string, tf.Variable][] {
  return [...variables].map(([name, variable]) => [`${prefix}${name}`, variable]);
}

function namedValues(parts: Record<string, number>): string {
  return Object.entries(parts)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
