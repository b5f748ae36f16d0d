import * as tf from '@tensorflow/tfjs';
import { Random } from '../core/random';
import type { Batch } from '../data/loader';
import type { LossValue } from '../loss/detectionLoss';
import { type Slice, slicesOf } from '../memory/measure/guard';
import type { Predictions } from '../model/detector';
import type { ForwardContext, Parameter } from '../model/layers/layer';
import { keepingHalfBits } from '../tensor/ops/halfBits';
import type { MicroBatchLoss } from './microBatchLoss';
import { numbersBefore } from './numbersBefore';
import { OutputGradients } from './outputGradients';
import { accumulateGradients, type BatchGradients } from './step';
import type { TrainerOptions } from './trainerOptions';

/** Gradients of a batch; at every n-th step with those of its loss's parts with respect to the outputs. */
export interface ComputedGradients extends BatchGradients {
  outputGradients?: Record<string, number>;
}

/** Takes batches through the network: forward, loss and backward, at once or in micro-batches. */
export class BatchPasses {
  private readonly random: Random;

  constructor(private readonly options: TrainerOptions) {
    this.random = new Random(options.seed).fork('dropout');
  }

  /**
   * Loss and gradients of a batch, which goes through in micro-batches where {@link TrainerOptions.microBatch} or the
   * memory asks for it. The caller disposes the gradients.
   *
   * @param done - Updates before this one.
   */
  gradients(batch: Batch, done: number): Promise<ComputedGradients> {
    const { memory, microBatch, network } = this.options;
    const pictures = batch.keys.length;
    const compute = (slices: readonly Slice[]) => this.slicedGradients(batch, slices, done);
    if (!memory) return compute(slicesOf(pictures, microBatch ?? pictures));
    const statistics = network.statistics().map(({ variable }) => variable as tf.Variable);
    return memory.run(pictures, compute, statistics);
  }

  /**
   * The loss of a batch that goes through at once, in a context with the entries it is called with.
   *
   * @param outputs - Takes note of the predictions of the first pass.
   */
  async wholeLoss(
    { keys, images, objects }: Batch,
    done: number,
    outputs: OutputGradients | undefined,
  ): Promise<(entries: Pick<ForwardContext, 'reading' | 'again'>) => LossValue> {
    const context: ForwardContext = { training: true, pictureSeeds: this.pictureSeeds(keys, done) };
    const numbers = await this.numbersBefore(() => images, context);
    const loss = (predictions: Predictions) => this.options.loss(predictions, objects, numbers);
    return (entries) =>
      this.pass(images, { ...context, ...entries }, loss, entries.again ? undefined : outputs);
  }

  /** Where the gradients at the outputs are due after so many updates, what measures them; the caller disposes it. */
  outputGradients(done: number): OutputGradients | undefined {
    const { gradientNormsEvery } = this.options;
    return gradientNormsEvery != null && done % gradientNormsEvery === 0 ? new OutputGradients() : undefined;
  }

  private async slicedGradients(
    { keys, images, objects }: Batch,
    slices: readonly Slice[],
    done: number,
  ): Promise<ComputedGradients> {
    const seeds = this.pictureSeeds(keys, done);
    const lossOf = this.lossOf(objects, slices);
    const outputs = this.outputGradients(done);
    try {
      const passes: (() => LossValue)[] = [];
      for (const slice of slices) {
        const { start, end } = slice;
        const context: ForwardContext = { training: true, pictureSeeds: seeds.slice(start, end) };
        const inputs = () => (slices.length === 1 ? images : images.slice(start, end - start));
        const numbers = await this.numbersBefore(inputs, context);
        const loss = (predictions: Predictions) => lossOf(predictions, slice, numbers);
        passes.push(() => this.pass(inputs(), context, loss, outputs));
      }
      const sum = await accumulateGradients(passes, this.options.optimizer.parameters as Parameter[]);
      const outputGradients = await outputs?.norms().catch((error) => {
        tf.dispose([...sum.gradients.values()]);
        throw error;
      });
      return outputGradients ? { ...sum, outputGradients } : sum;
    } finally {
      outputs?.dispose();
    }
  }

  private lossOf(objects: Batch['objects'], slices: readonly Slice[]): MicroBatchLoss {
    const { loss, microBatchLoss } = this.options;
    if (slices.length === 1) return (predictions, _, numbers) => loss(predictions, objects, numbers);
    if (!microBatchLoss) {
      throw new Error('microBatchLoss: none given, expected one where a batch is larger than microBatch');
    }
    return microBatchLoss(objects);
  }

  private numbersBefore(
    inputs: () => tf.Tensor4D,
    context: ForwardContext,
  ): Promise<Float32Array | undefined> {
    const { forward, memory, readsPredictions } = this.options;
    return numbersBefore(readsPredictions, () => {
      memory?.enter('forward');
      return forward(inputs(), { ...context, again: true });
    });
  }

  private pass(
    inputs: tf.Tensor4D,
    context: ForwardContext,
    loss: (predictions: Predictions) => LossValue,
    outputs: OutputGradients | undefined,
  ): LossValue {
    const { forward, memory, activationBits } = this.options;
    memory?.enter('forward');
    const run = () => forward(inputs, context);
    const predictions = activationBits === 16 ? keepingHalfBits(run) : run();
    outputs?.note(predictions, loss);
    const value = loss(predictions);
    memory?.enter('backward');
    return value;
  }

  /** Seeds of dropout's masks, which follow from the pictures' keys. */
  private pictureSeeds(keys: readonly string[], done: number): number[] {
    return keys.map((key) => this.random.fork(done).fork(key).uint32());
  }
}
