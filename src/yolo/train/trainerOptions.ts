import type * as tf from '@tensorflow/tfjs';
import type { AnnotatedObject } from '../data/annotation';
import type { Batch } from '../data/loader';
import type { LossValue } from '../loss/detectionLoss';
import type { Slice } from '../memory/measure/guard';
import type { Phase } from '../memory/phases';
import type { Predictions } from '../model/detector';
import type { ForwardContext } from '../model/layers/layer';
import type { NamedTensors } from '../model/weights/weights';
import type { MicroBatchLoss } from './microBatchLoss';
import type { Optimizer } from './optimizer';
import type { Schedule } from './schedule';

/** A training: the network, its pictures, and the rule of its updates. */
export interface TrainerOptions {
  /** What has the parameters and running statistics that the averages follow, such as a `Detector`. */
  network: NamedTensors;
  /** Holds the parameters that are trained, and stays its owner's to dispose. */
  optimizer: Optimizer;
  /** The way from a batch's `images` to predictions, such as `detector.forward`. */
  forward: (inputs: tf.Tensor4D, context: ForwardContext) => Predictions;
  /**
   * Loss of predictions against the objects of the same pictures; called inside a tidy. It is given the predictions'
   * numbers where it needs them and can't read them there; see {@link readsPredictions}.
   */
  loss: (
    predictions: Predictions,
    objects: readonly (readonly AnnotatedObject[])[],
    numbers?: Float32Array,
  ) => LossValue;
  /** Losses of micro-batches that add up to that of the whole batch; needed where {@link microBatch} divides it. */
  microBatchLoss?: (objects: readonly (readonly AnnotatedObject[])[]) => MicroBatchLoss;
  /**
   * Whether the loss reads the predictions' numbers, as its description says. Then a backend that can't read within a
   * gradient, WebGPU, takes a forward pass more. Default false.
   */
  readsPredictions?: boolean;
  /**
   * Pictures that go through the network at once. Null or none: the whole batch. Gradients are added, so an update is
   * that of the whole batch, except where BatchNorm takes statistics: then it is of these pictures only.
   */
  microBatch?: number | null;
  /**
   * `streamed`: each parameter is changed as soon as its gradient has been computed, so that gradients take no memory
   * beside each other; the batch goes through at once, twice where gradients are clipped. Null or none: all gradients
   * first.
   */
  gradients?: 'streamed' | null;
  /** Bits of the numbers kept for the backward pass, 16 on the native backend only. Null or none: 32. */
  activationBits?: 16 | null;
  /** Reports `outputGradients` at the first step and then at every n-th. Null or none: never. */
  gradientNormsEvery?: number | null;
  /** Watches the memory, and decides on the micro-batch in place of {@link microBatch}. Default: nobody does. */
  memory?: StepMemory;
  /** The batches of one epoch (from 0) from the given one on; the trainer disposes their tensors. */
  batches: (epoch: number, from: number) => AsyncIterable<Batch>;
  /** Batches that {@link batches} gives for one epoch from its first on. */
  batchesPerEpoch: number;
  /** Epochs of the whole training, over which the schedule runs. */
  epochs: number;
  /** Factor on the optimizer's base rates over the training. */
  schedule: Schedule;
  /** First steps over which the rates rise linearly to the base rates, in place of the schedule's; 0 for none. */
  warmUpSteps: number;
  /** Largest norm of all gradients together, beyond which they are scaled down to it. Null: never. */
  clipNorm: number | null;
  /** Decay of the moving average of the weights, 0..1, which {@link Trainer.evaluating} puts in. Null: none is kept. */
  emaDecay: number | null;
  /** Seed of dropout's masks. */
  seed: number;
}

/** Watches the memory that steps take, and may have a step computed in smaller pieces. */
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
  /** Compute something that can't be cut. */
  runWhole<T>(compute: () => Promise<T>): Promise<T>;
  /** The step is done. @throws MemoryLimitError if it took too much. */
  endStep(): void;
}
