import * as tf from '@tensorflow/tfjs';
import { Random } from '../core/random';
import type { Batch } from '../data/loader';
import type { LossValue } from '../loss/detectionLoss';
import { type Slice, slicesOf } from '../memory/measure/guard';
import type { Predictions } from '../model/detector';
import type { ForwardContext, Parameter } from '../model/layers/layer';
import { keepingHalfBits } from '../tensor/ops/halfBits';
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
  wholeLoss(
    { keys, images, objects }: Batch,
    done: number,
    outputs: OutputGradients | undefined,
  ): (entries: Pick<ForwardContext, 'reading' | 'again'>) => LossValue {
    const context: ForwardContext = { training: true, pictureSeeds: this.pictureSeeds(keys, done) };
    const loss = (predictions: Predictions) => this.options.loss(predictions, objects);
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
    const { optimizer, loss, microBatchLoss } = this.options;
    const seeds = this.pictureSeeds(keys, done);
    const context = ({ start, end }: Slice): ForwardContext => ({
      training: true,
      pictureSeeds: seeds.slice(start, end),
    });
    const outputs = this.outputGradients(done);
    const computed = async (passes: readonly (() => LossValue)[]): Promise<ComputedGradients> => {
      try {
        const sum = await accumulateGradients(passes, optimizer.parameters as Parameter[]);
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
    if (!microBatchLoss) {
      throw new Error('microBatchLoss: none given, expected one where a batch is larger than microBatch');
    }
    const lossOf = microBatchLoss(objects);
    return computed(
      slices.map((slice) => () => {
        const part = images.slice(slice.start, slice.end - slice.start);
        return this.pass(part, context(slice), (predictions) => lossOf(predictions, slice), outputs);
      }),
    );
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
