import * as tf from '@tensorflow/tfjs';
import { type FeatureShape, type ForwardContext, type Layer, type LayerRow, movingRow } from './layers/layer';
import { Sequential } from './layers/sequential';

/** Fine places by coarse one: 2 x 2. */
const FINE = 4;

/**
 * A backbone whose result holds the maps of two strides, the coarser one and that of twice its side, as one tensor: each
 * place of the coarse map has its own channels, then those of the four fine places under it, row by row. So features
 * stay one tensor a picture, wherever they are kept or read.
 */
export class TwoStrides extends Sequential {
  /** @param finer - Place of the layer whose result is the finer map. */
  constructor(
    layers: readonly Layer[],
    private readonly finer: number,
  ) {
    super(layers);
  }

  override outputShape(input: FeatureShape): FeatureShape {
    const [height, width, channels] = super.outputShape(input);
    return [height, width, channels + FINE * this.finerShape(input)[2]];
  }

  override describe(input: FeatureShape): LayerRow[] {
    const join = movingRow('backbone.twoStrides', 'Concat', this.outputShape(input));
    return [...super.describe(input), join];
  }

  override forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    return tf.tidy(() => {
      const [fine, coarse] = this.resultsOf(x, context, [this.finer, this.layers.length - 1]);
      return joinStrides(coarse as tf.Tensor4D, fine as tf.Tensor4D);
    });
  }

  private finerShape(input: FeatureShape): FeatureShape {
    return new Sequential(this.layers.slice(0, this.finer + 1)).outputShape(input);
  }
}

/** One tensor of two maps, `[N, S, S, D]` and `[N, 2S, 2S, E]`: `[N, S, S, D + 4E]`, with gradient. */
export function joinStrides(coarse: tf.Tensor4D, fine: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [pictures, height, width] = coarse.shape;
    const depth = fine.shape[3];
    const under = fine
      .reshape([pictures, height, 2, width, 2, depth])
      .transpose([0, 1, 3, 2, 4, 5])
      .reshape([pictures, height, width, FINE * depth]) as tf.Tensor4D;
    return tf.concat([coarse, under], 3);
  });
}

/**
 * {@link joinStrides} undone, with gradient.
 *
 * @param depth - Channels of the finer map, E.
 */
export function splitStrides(joined: tf.Tensor4D, depth: number): { coarse: tf.Tensor4D; fine: tf.Tensor4D } {
  const [pictures, height, width, channels] = joined.shape;
  const [coarse, under] = tf.split<tf.Tensor4D>(joined, [channels - FINE * depth, FINE * depth], 3);
  const fine = tf.tidy(
    () =>
      under
        .reshape([pictures, height, width, 2, 2, depth])
        .transpose([0, 1, 3, 2, 4, 5])
        .reshape([pictures, 2 * height, 2 * width, depth]) as tf.Tensor4D,
  );
  under.dispose();
  return { coarse, fine };
}
