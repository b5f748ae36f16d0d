import * as tf from '@tensorflow/tfjs';
import { oneOf } from '../../core/form';
import { detached } from '../../grid/detached';
import { batchNormFrozen, batchNormTraining, groupNorm } from '../../tensor/ops';
import {
  type ForwardContext,
  initialised,
  type LayerRow,
  type Parameter,
  readValue,
  type Statistic,
  type TrainingCost,
} from './layer';

/**
 * How BatchNorm behaves while training.
 *
 * - `batch`: normalises by the batch's statistics and moves the running ones (momentum .1, as PyTorch).
 * - `frozen`: normalises by the running statistics and never changes them; scale and shift are trained or not.
 *
 * In evaluation both use the running statistics. The third way, folded into the convolution for inference, is
 * `Detector.fold`.
 */
export type BatchNormMode = 'batch' | 'frozen';

/** Normalisation that follows a convolution: BatchNorm, GroupNorm in 32 groups (arXiv 1803.08494), or none. */
export type NormKind = 'batch' | 'group' | 'none';
export const NORM_KIND = oneOf(['batch', 'group', 'none']);

/** PyTorch's defaults. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;
/** Tensors of its input's size that the plain operations of GroupNorm save, and that their gradients make. */
const GROUP_NORM_KEEPS = 7;
const GROUP_NORM_GRADIENTS = 8;
/** Groups of GroupNorm (arXiv 1803.08494): 32, the paper's choice. */
export const GROUPS = 32;

/** Scale and shift with the statistics they follow: BatchNorm (arXiv 1502.03167). */
export class BatchNorm {
  mode: BatchNormMode = 'batch';
  /** True if scale and shift are trained while frozen; if not, the convolution before takes them in. */
  affineTrained = true;
  private gamma?: tf.Variable;
  private beta?: tf.Variable;
  private mean?: tf.Variable;
  private variance?: tf.Variable;

  constructor(
    readonly name: string,
    readonly channels: number,
  ) {}

  row(output: readonly number[]): LayerRow {
    const n = this.channels;
    return {
      name: this.name,
      type: 'BatchNorm2d',
      output,
      parameters: 2 * n,
      statistics: 2 * n,
      multiplyAdds: 0,
    };
  }

  /** Cost where it is not constant: it saves its input. @param values - Numbers of its input for one picture. */
  trainingCost(values: number): Pick<TrainingCost, 'kept' | 'backward'> {
    return { kept: values, backward: [{ alive: 2 * values, frees: values }] };
  }

  initialise(): void {
    this.dispose();
    this.gamma = tf.tidy(() => tf.variable(tf.ones([this.channels])));
    this.beta = tf.tidy(() => tf.variable(tf.zeros([this.channels])));
    this.mean = tf.tidy(() => tf.variable(tf.zeros([this.channels]), false));
    this.variance = tf.tidy(() => tf.variable(tf.ones([this.channels]), false));
  }

  forward(x: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
    const { gamma, beta, mean, variance } = this.values();
    const [scale, shift] = [readValue(gamma, context), readValue(beta, context)];
    if (!context.training || this.mode === 'frozen') {
      return batchNormFrozen(x, scale, shift, mean, variance, EPSILON);
    }
    const batch = batchNormTraining(x, scale, shift, EPSILON);
    if (!context.again) {
      const { momentum = MOMENTUM } = context;
      tf.tidy(() => {
        mean.assign(mean.mul(1 - momentum).add(batch.mean.mul(momentum)));
        variance.assign(variance.mul(1 - momentum).add(batch.variance.mul(momentum)));
      });
    }
    batch.mean.dispose();
    batch.variance.dispose();
    return batch.y;
  }

  /** True if this is a constant affine map even while training. */
  get isConstant(): boolean {
    return this.mode === 'frozen' && !this.affineTrained;
  }

  /** The affine map `y = scale * x + shift` that evaluation applies, as constants; the caller disposes both. */
  affine(): { scale: tf.Tensor1D; shift: tf.Tensor1D } {
    const { gamma, beta, mean, variance } = this.values();
    const scale = detached(() => gamma.mul(variance.add(EPSILON).rsqrt()) as tf.Tensor1D);
    return { scale, shift: detached(() => beta.sub(mean.mul(scale)) as tf.Tensor1D) };
  }

  parameters(): Parameter[] {
    const { gamma, beta } = this.values();
    return [
      { name: `${this.name}.weight`, kind: 'norm', layout: 'vector', variable: gamma },
      { name: `${this.name}.bias`, kind: 'norm', layout: 'vector', variable: beta },
    ];
  }

  statistics(): Statistic[] {
    const { mean, variance } = this.values();
    return [
      { name: `${this.name}.running_mean`, layout: 'vector', variable: mean },
      { name: `${this.name}.running_var`, layout: 'vector', variable: variance },
    ];
  }

  dispose(): void {
    for (const v of [this.gamma, this.beta, this.mean, this.variance]) {
      v?.dispose();
    }
    this.gamma = this.beta = this.mean = this.variance = undefined;
  }

  private values() {
    return {
      gamma: initialised(this.gamma, this.name) as tf.Variable<tf.Rank.R1>,
      beta: initialised(this.beta, this.name) as tf.Variable<tf.Rank.R1>,
      mean: initialised(this.mean, this.name) as tf.Variable<tf.Rank.R1>,
      variance: initialised(this.variance, this.name) as tf.Variable<tf.Rank.R1>,
    };
  }
}

/** GroupNorm: independent of the batch, the alternative where a micro-batch is tiny. */
export class GroupNorm {
  private gamma?: tf.Variable;
  private beta?: tf.Variable;

  constructor(
    readonly name: string,
    readonly channels: number,
  ) {
    if (channels % GROUPS !== 0) {
      throw new Error(`${name}: GroupNorm wants channels divisible by ${GROUPS}, got ${channels}`);
    }
  }

  row(output: readonly number[]): LayerRow {
    return {
      name: this.name,
      type: 'GroupNorm',
      output,
      parameters: 2 * this.channels,
      statistics: 0,
      multiplyAdds: 0,
    };
  }

  /** It is composed of plain operations, which let go of nothing before the whole pass is over. */
  trainingCost(values: number): Pick<TrainingCost, 'kept' | 'backward'> {
    const made = GROUP_NORM_GRADIENTS * values;
    return { kept: GROUP_NORM_KEEPS * values, backward: [{ alive: made, frees: -made }] };
  }

  initialise(): void {
    this.dispose();
    this.gamma = tf.tidy(() => tf.variable(tf.ones([this.channels])));
    this.beta = tf.tidy(() => tf.variable(tf.zeros([this.channels])));
  }

  forward(x: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
    const gamma = readValue(initialised(this.gamma, this.name) as tf.Variable<tf.Rank.R1>, context);
    const beta = readValue(initialised(this.beta, this.name) as tf.Variable<tf.Rank.R1>, context);
    return groupNorm(x, gamma, beta, GROUPS, EPSILON);
  }

  parameters(): Parameter[] {
    return [
      {
        name: `${this.name}.weight`,
        kind: 'norm',
        layout: 'vector',
        variable: initialised(this.gamma, this.name),
      },
      {
        name: `${this.name}.bias`,
        kind: 'norm',
        layout: 'vector',
        variable: initialised(this.beta, this.name),
      },
    ];
  }

  statistics(): Statistic[] {
    return [];
  }

  dispose(): void {
    this.gamma?.dispose();
    this.beta?.dispose();
    this.gamma = this.beta = undefined;
  }
}
