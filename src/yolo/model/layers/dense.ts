import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random';
import { dense, leakyRelu } from '../../tensor/ops';
import { LEAKY_SLOPE } from './activation';
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
import { normals } from './normals';

/** Description of a {@link Dense} layer. */
export interface DenseOptions {
  name: string;
  units: number;
  /** Default `none`; `leaky` has slope .1. */
  activation?: 'leaky' | 'none';
  /** Standard deviation of the initial weights; default He's for the fan-in. */
  initialDeviation?: number;
}

/** A fully connected layer; an input of rank 4 is flattened in the order height, width, channel. */
export class Dense implements Layer {
  private weight?: tf.Variable;
  private bias?: tf.Variable;

  constructor(private readonly options: DenseOptions) {}

  outputShape(): FeatureShape {
    return [this.options.units];
  }

  describe(input: FeatureShape): LayerRow[] {
    const { name, units, activation } = this.options;
    const inputs = countOf(input);
    const weights = inputs * units;
    const kept = activation === 'leaky' ? 2 * units : units;
    const training = () => ({ inputs, kept, backward: [{ alive: units + inputs, frees: kept }] });
    const row = { output: [units], statistics: 0 };
    const rows: LayerRow[] = [
      { ...row, name, type: 'Linear', parameters: weights + units, multiplyAdds: weights, training },
    ];
    if (activation === 'leaky') {
      rows.push({ ...row, name: `${name}.activation`, type: 'LeakyReLU', parameters: 0, multiplyAdds: 0 });
    }
    return rows;
  }

  initialise(input: FeatureShape, random?: Random): void {
    this.dispose();
    const fanIn = countOf(input);
    const { units } = this.options;
    const deviation = this.options.initialDeviation ?? Math.sqrt(2 / ((1 + LEAKY_SLOPE ** 2) * fanIn));
    this.weight = tf.tidy(() =>
      tf.variable(tf.tensor2d(normals(random, fanIn * units, deviation), [fanIn, units])),
    );
    this.bias = tf.tidy(() => tf.variable(tf.zeros([units])));
  }

  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    const weight = initialised(this.weight, this.options.name) as tf.Variable<tf.Rank.R2>;
    const bias = initialised(this.bias, this.options.name) as tf.Variable<tf.Rank.R1>;
    return tf.tidy(() => {
      const flat = x.reshape([x.shape[0], weight.shape[0]]) as tf.Tensor2D;
      const y = dense(flat, readValue(weight, context), readValue(bias, context));
      return this.options.activation === 'leaky' ? leakyRelu(y, LEAKY_SLOPE) : y;
    });
  }

  parameters(): Parameter[] {
    const { name } = this.options;
    return [
      {
        name: `${name}.weight`,
        kind: 'weight',
        layout: 'dense',
        variable: initialised(this.weight, name),
      },
      { name: `${name}.bias`, kind: 'bias', layout: 'vector', variable: initialised(this.bias, name) },
    ];
  }

  statistics(): Statistic[] {
    return [];
  }

  dispose(): void {
    this.weight?.dispose();
    this.bias?.dispose();
    this.weight = this.bias = undefined;
  }
}
