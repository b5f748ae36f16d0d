import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random';
import { addRelu, conv2d, convBiasActivation, leakyRelu, relu, silu } from '../../tensor/ops';
import { ACTIVATION_TYPES, type Activation, LEAKY_SLOPE } from './activation';
import { convBlockCost } from './convBlockCost';
import {
  countOf,
  type FeatureShape,
  type ForwardContext,
  initialised,
  type Layer,
  type LayerRow,
  type Parameter,
  readValue,
  type Statistic,
} from './layer';
import { BatchNorm, GroupNorm, type NormKind } from './norm';
import { normals } from './normals';

/** Description of a {@link ConvBlock}. */
export interface ConvBlockOptions {
  /** Dotted name of the convolution, `layer1.0.conv1`. */
  name: string;
  /** Dotted name of the normalisation, `layer1.0.bn1`; unused without one. */
  normName?: string;
  filters: number;
  /** Side of the square kernel. */
  kernel: number;
  /** Default 1. */
  stride?: number;
  /** Zeros added on every side, as PyTorch counts; default `(kernel - 1) / 2`. */
  padding?: number;
  /** Default `batch`. With `none` the convolution has a bias. */
  norm?: NormKind;
  /** Default `none`. */
  activation?: Activation;
  /** Standard deviation of the initial weights; default He's for the fan-in and the activation. */
  initialDeviation?: number;
  /** Initial bias of a convolution without normalisation; default 0. */
  initialBias?: number;
  /** Another block of the same shape whose filter this one uses; it has only a normalisation of its own. */
  filterOf?: ConvBlock;
}

/** Convolution, normalisation and activation: the unit of which every network here is made. */
export class ConvBlock implements Layer {
  readonly norm?: BatchNorm | GroupNorm;
  private readonly stride: number;
  private readonly padding: number;
  readonly activation: Activation;
  private filter?: tf.Variable;
  private bias?: tf.Variable;
  private folded?: { filter: tf.Tensor4D; bias: tf.Tensor1D };

  constructor(private readonly options: ConvBlockOptions) {
    this.stride = options.stride ?? 1;
    this.padding = options.padding ?? (options.kernel - 1) / 2;
    this.activation = options.activation ?? 'none';
    const kind = options.norm ?? 'batch';
    const normName = options.normName ?? `${options.name}.norm`;
    if (kind === 'batch') {
      this.norm = new BatchNorm(normName, options.filters);
    } else if (kind === 'group') {
      this.norm = new GroupNorm(normName, options.filters);
    }
  }

  outputShape(input: FeatureShape): FeatureShape {
    const { kernel, filters, name } = this.options;
    const [height, width] = input;
    if (input.length !== 3) {
      throw new Error(`${name}: expected an input of shape [height, width, channels], got [${input}]`);
    }
    const side = (n: number) => Math.floor((n + 2 * this.padding - kernel) / this.stride) + 1;
    return [side(height), side(width), filters];
  }

  describe(input: FeatureShape): LayerRow[] {
    const output = this.outputShape(input);
    const { name, kernel, filters } = this.options;
    const weights = kernel * kernel * input[2] * filters;
    const rows: LayerRow[] = [
      {
        name,
        type: 'Conv2d',
        output,
        parameters: (this.options.filterOf ? 0 : weights) + (this.norm ? 0 : filters),
        statistics: 0,
        multiplyAdds: weights * output[0] * output[1],
        training: (norm) => convBlockCost(this, { inputs: countOf(input), outputs: countOf(output) }, norm),
      },
    ];
    if (this.norm) {
      rows.push(this.norm.row(output));
    }
    if (this.activation !== 'none') {
      rows.push({
        name: `${name}.activation`,
        type: ACTIVATION_TYPES[this.activation],
        output,
        parameters: 0,
        statistics: 0,
        multiplyAdds: 0,
      });
    }
    return rows;
  }

  initialise(input: FeatureShape, random?: Random): void {
    this.dispose();
    const { kernel, filters, filterOf, initialBias = 0 } = this.options;
    const fanIn = kernel * kernel * input[2];
    const slope = this.activation === 'leaky' ? LEAKY_SLOPE : 0;
    const deviation = this.options.initialDeviation ?? Math.sqrt(2 / ((1 + slope ** 2) * fanIn));
    if (!filterOf) {
      const values = normals(random, fanIn * filters, deviation);
      this.filter = tf.tidy(() => tf.variable(tf.tensor4d(values, [kernel, kernel, input[2], filters])));
    }
    if (this.norm) {
      this.norm.initialise();
    } else {
      this.bias = tf.tidy(() => tf.variable(tf.fill([filters], initialBias)));
    }
  }

  /**
   * @param addend - Added to the result, of its shape; the sum is rectified (ReLU). For a block without activation, at
   *   the end of a residual connection.
   */
  forward(x: tf.Tensor, context: ForwardContext, addend?: tf.Tensor4D): tf.Tensor4D {
    const input = x as tf.Tensor4D;
    if (this.activation === 'silu') {
      return tf.tidy(() => silu(this.convolve(input, context, 'none')));
    }
    return this.convolve(input, context, addend ? 'relu' : this.activation, addend);
  }

  private convolve(
    input: tf.Tensor4D,
    context: ForwardContext,
    activation: Exclude<Activation, 'silu'>,
    addend?: tf.Tensor4D,
  ): tf.Tensor4D {
    const geometry = { stride: this.stride, padding: this.padding };
    const fused = { ...geometry, activation, alpha: LEAKY_SLOPE, addend };
    if (this.folded && !context.training) {
      return convBiasActivation(input, this.folded.filter, this.folded.bias, fused);
    }
    return tf.tidy(() => {
      const filter = readValue(this.filterVariable(), context);
      if (!this.norm) {
        const bias = readValue(this.bias as tf.Variable<tf.Rank.R1>, context);
        return convBiasActivation(input, filter, bias, fused);
      }
      if (context.training && this.norm instanceof BatchNorm && this.norm.isConstant) {
        const { scale, shift } = this.norm.affine();
        return convBiasActivation(input, filter, shift, { ...fused, scale });
      }
      const convolved = conv2d(input, filter, geometry);
      const normalised = this.norm.forward(convolved, context);
      // The gradients have their own references to what they need; letting go of ours here frees the rest early.
      convolved.dispose();
      if (activation === 'none') {
        return normalised;
      }
      const y = addend
        ? addRelu(normalised, addend)
        : activation === 'relu'
          ? relu(normalised)
          : leakyRelu(normalised, LEAKY_SLOPE);
      normalised.dispose();
      return y;
    });
  }

  /**
   * Fold a BatchNorm into the convolution, for evaluation only: `filter' = filter * scale`, `bias' = shift`.
   * Training still uses the parts, but their changes do not reach the folded copy: call `unfold` first.
   */
  fold(): void {
    this.unfold();
    const filter = this.filterVariable();
    if (this.norm instanceof BatchNorm) {
      const { scale, shift } = this.norm.affine();
      this.folded = { filter: tf.tidy(() => filter.mul(scale)), bias: shift };
      scale.dispose();
    } else if (this.bias) {
      this.folded = { filter: filter.clone(), bias: this.bias.clone() as tf.Tensor1D };
    }
  }

  /** Forget the folded copy. */
  unfold(): void {
    this.folded?.filter.dispose();
    this.folded?.bias.dispose();
    this.folded = undefined;
  }

  parameters(): Parameter[] {
    const { name, filterOf } = this.options;
    const list: Parameter[] = [];
    if (!filterOf) {
      const variable = this.filterVariable();
      list.push({ name: `${name}.weight`, kind: 'weight', layout: 'convolution', variable });
    }
    if (this.bias) {
      list.push({ name: `${name}.bias`, kind: 'bias', layout: 'vector', variable: this.bias });
    }
    return [...list, ...(this.norm?.parameters() ?? [])];
  }

  statistics(): Statistic[] {
    return this.norm?.statistics() ?? [];
  }

  dispose(): void {
    this.unfold();
    this.filter?.dispose();
    this.bias?.dispose();
    this.filter = this.bias = undefined;
    this.norm?.dispose();
  }

  private filterVariable(): tf.Variable<tf.Rank.R4> {
    const { filterOf, name } = this.options;
    return filterOf ? filterOf.filterVariable() : (initialised(this.filter, name) as tf.Variable<tf.Rank.R4>);
  }
}
