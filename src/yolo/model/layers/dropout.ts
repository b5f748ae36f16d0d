import * as tf from '@tensorflow/tfjs';
import { Random } from '../../core/random';
import {
  countOf,
  type FeatureShape,
  type ForwardContext,
  type Layer,
  type LayerRow,
  type Parameter,
  type Statistic,
} from './layer';

/**
 * Dropout of whole channels (of single units after a dense layer): each is zeroed with probability `rate` while
 * training, the others are scaled by `1 / (1 - rate)`.
 *
 * Masks come from the picture's own seed, not from a stream shared by the batch, so that accumulation over
 * micro-batches sees the same masks as one large batch.
 */
export class Dropout implements Layer {
  constructor(
    readonly name: string,
    readonly rate: number,
  ) {
    if (!(rate >= 0 && rate < 1)) {
      throw new Error(`${name}: dropout rate must be in [0, 1), got ${rate}`);
    }
  }

  outputShape(input: FeatureShape): FeatureShape {
    return input;
  }

  describe(input: FeatureShape): LayerRow[] {
    const inputs = countOf(input);
    const training = () => ({
      inputs,
      kept: inputs,
      backward: [{ alive: 2 * inputs, frees: inputs }],
    });
    const type = input.length === 3 ? 'Dropout2d' : 'Dropout';
    const none = { parameters: 0, statistics: 0, multiplyAdds: 0 };
    return [{ ...none, name: this.name, type, output: input, training }];
  }

  initialise(): void {}

  /** Throws when training without one seed a picture in `context.pictureSeeds`. */
  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    if (!context.training || this.rate === 0) {
      return x.clone();
    }
    const [batch] = x.shape;
    const channels = x.shape[x.rank - 1];
    const seeds = context.pictureSeeds;
    if (seeds?.length !== batch) {
      throw new Error(
        `${this.name}: pictureSeeds must hold one seed for each of ${batch} pictures, got ${seeds?.length ?? 'none'}`,
      );
    }
    const mask = new Float32Array(batch * channels);
    seeds.forEach((seed, n) => {
      const random = new Random(`${seed}/${this.name}`);
      for (let c = 0; c < channels; c++) {
        mask[n * channels + c] = random.next() < this.rate ? 0 : 1 / (1 - this.rate);
      }
    });
    return tf.tidy(() => x.mul(tf.tensor(mask, [batch, ...Array(x.rank - 2).fill(1), channels])));
  }

  parameters(): Parameter[] {
    return [];
  }

  statistics(): Statistic[] {
    return [];
  }

  dispose(): void {}
}
