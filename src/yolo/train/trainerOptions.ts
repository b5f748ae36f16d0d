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
  /** Parameters and running statistics, which the averages follow. */
  network: NamedTensors;
  optimizer: Optimizer;
  /** `[N, ...]` inputs to predictions. */
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
   * As the loss's description says. Then a backend that can't read within a gradient, WebGPU, takes a forward pass more.
   * Default: it does not read them.
   */
  readsPredictions?: boolean;
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
  /** Bits of the numbers kept for the backward pass; null or none for 32. 16 on the native backend only. */
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
