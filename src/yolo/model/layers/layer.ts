import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random';

/** Shape of one picture's tensor, without the batch axis: `[height, width, channels]` or `[units]`. */
export type FeatureShape = readonly number[];

/** How a parameter's axes stand in a weights file (PyTorch's order) against ours. */
export type ParameterLayout =
  /** File `[out, in, kh, kw]`, ours `[kh, kw, in, out]`. */
  | 'convolution'
  /** File `[out, in]`, ours `[in, out]`. */
  | 'dense'
  /** One axis, the same in both. */
  | 'vector';

/** A named tensor of a network that an optimizer may change. */
export interface Parameter {
  /** Full dotted name, unique in the network, in PyTorch's manner: `backbone.layer1.0.conv1.weight`. */
  readonly name: string;
  /** Weight decay applies to weights, not to biases and norms. */
  readonly kind: 'weight' | 'bias' | 'norm';
  /**
   * How its axes stand in a weights file: of a `convolution` `[out, in, kh, kw]`, where the variable has
   * `[kh, kw, in, out]`; of a `dense` layer `[out, in]`, where it has `[in, out]`; of a `vector` the same.
   */
  readonly layout: ParameterLayout;
  /** The values, float32. */
  readonly variable: tf.Variable;
}

/** A named tensor that is part of the network's state but never trained by gradients (running statistics). */
export type Statistic = Pick<Parameter, 'name' | 'layout' | 'variable'>;

/** How a BatchNorm behaves in training: see `ExperimentConfig.batchNorm`. */
export type NormBehaviour = 'batch' | 'frozen' | 'constant';

/** A step of an operation's backward pass, in numbers (of 4 bytes each) for one picture. */
export interface BackwardStep {
  /** Alive beside what was kept and the gradients of the weights: gradients of result and input, temporary tensors. */
  alive: number;
  /** Numbers of what the operation has kept that are let go of after the step; below 0 where more are left behind. */
  frees: number;
}

/** Memory of an operation in training beside its parameters, in numbers (of 4 bytes each) for one picture. */
export interface TrainingCost {
  /** Numbers that come in. */
  inputs: number;
  /**
   * Kept from the forward pass to the backward pass. A tensor that several gradients read counts once, at the operation
   * that makes it: a convolution reads its input, which is the result of the operation before.
   */
  kept: number;
  /** In the order in which they run. */
  backward: readonly BackwardStep[];
}

/** One operation of a network, as a row of its table. */
export interface LayerRow {
  /** Dotted name of the operation. */
  name: string;
  /** PyTorch's name of the operation, such as `Conv2d`. */
  type: string;
  /** Shape of its result for one picture. */
  output: FeatureShape;
  /** Number of trainable scalars. */
  parameters: number;
  /** Number of running statistics, which are kept and saved but not trained. */
  statistics: number;
  /** Multiply-add operations of the forward pass for one picture. */
  multiplyAdds: number;
  /**
   * Its cost in training, by the behaviour of the norm behind it. A row without goes together with the row before,
   * which states the cost of both: a norm or an activation behind its convolution.
   */
  training?: (norm: NormBehaviour) => TrainingCost;
  /**
   * `opens`: its input goes another way as well, and the gradients of both ways are added up. `closes`: the two ways
   * are added up here.
   */
  branch?: 'opens' | 'closes';
  /** Name of the first row of those that run again together where activations are recomputed. */
  unit?: string;
}

/** How a forward pass is meant. */
export interface ForwardContext {
  /**
   * True: dropout is active, and BatchNorm in mode `batch` normalises by the batch and moves the running statistics.
   */
  training: boolean;
  /**
   * One seed a picture for its dropout masks, so that a picture's mask does not depend on how a batch is cut into
   * micro-batches. Needed by networks with dropout when `training`.
   */
  pictureSeeds?: readonly number[];
  /** Share of the batch's statistics in the running ones of BatchNorm, 0..1. Default .1, as PyTorch. */
  momentum?: number;
  /** True: the same pass is run another time, as for recomputed activations, and nothing outside of it changes. */
  again?: boolean;
  /** How parameters are read, for gradients that are streamed. Default: as they are. */
  reading?: ParameterReading;
}

/** Reads parameters such that their gradients come out on the way. */
export interface ParameterReading {
  /** The number on which the results of all readings depend. */
  readonly trigger: tf.Variable;
  /** A tensor with the variable's value. */
  read(variable: tf.Variable): tf.Tensor;
}

/** A parameter's value as the context wants it read. */
export function readValue<R extends tf.Rank>(
  variable: tf.Variable<R>,
  { reading }: ForwardContext,
): tf.Tensor<R> {
  return (reading?.read(variable) ?? variable) as tf.Tensor<R>;
}

/** The context of evaluation and detection: `{ training: false }`. */
export const INFERENCE: ForwardContext = { training: false };

/**
 * A part of a network. Shapes are known from the description alone, so a table or a memory estimate of a
 * 250 M parameter network allocates nothing; `initialise` makes the variables.
 */
export interface Layer {
  /**
   * Rows of this part.
   *
   * @param input - Shape of one picture's input.
   * @throws Error if the input does not fit.
   */
  describe(input: FeatureShape): LayerRow[];
  /** Shape of one picture's result. @param input - Shape of one picture's input. */
  outputShape(input: FeatureShape): FeatureShape;
  /**
   * Make the variables, filled from a seeded generator. The owner calls {@link Layer.dispose}.
   *
   * @param input - The input's shape, which fixes the parameter shapes.
   * @param random - Without it weights are zero, for those that are read from a file next.
   */
  initialise(input: FeatureShape, random?: Random): void;
  /**
   * Run on a batch.
   *
   * @param x - `[N, ...input]`, which stays the caller's.
   * @param context - Whether it is training, and what goes with that.
   * @returns `[N, ...output]`; the caller disposes it.
   */
  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor;
  /** What is trained, in the order of the layers; none before `initialise`. The variables stay the layer's. */
  parameters(): Parameter[];
  /** Running statistics, in the order of the layers. The variables stay the layer's. */
  statistics(): Statistic[];
  /** Free every variable. The layer may be initialised again afterwards. */
  dispose(): void;
}

/** Number of scalars in a shape. */
export function countOf(shape: FeatureShape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The value of an initialised variable, or an error that names the layer that was used too early. */
export function initialised<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new Error(`${name}: used before initialise() made its variables, or after dispose()`);
  }
  return value;
}

/** Row of an operation that only moves numbers, into a tensor that the next one keeps. */
export function movingRow(name: string, type: 'Concat' | 'Upsample', output: FeatureShape): LayerRow {
  const numbers = countOf(output);
  const training = () => ({
    inputs: numbers,
    kept: numbers,
    backward: [{ alive: 2 * numbers, frees: numbers }],
  });
  return { name, type, output, parameters: 0, statistics: 0, multiplyAdds: 0, training };
}
