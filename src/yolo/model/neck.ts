import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random';
import { ConvBlock } from './layers/convBlock';
import { type FeatureShape, type ForwardContext, type LayerRow, movingRow } from './layers/layer';
import type { NormKind } from './layers/norm';
import { splitStrides } from './twoStrides';

/**
 * Layers between a backbone and a head that is shared by its strides: maps of `width` channels each. Of two
 * strides, the coarse map goes down to the fine one (nearest neighbour, joined by channel) and the result back up (a
 * convolution of stride 2), as in PANet (arXiv 1803.01534); of one, a 1x1 convolution is all.
 */
export class Neck {
  private readonly lateral: ConvBlock;
  private readonly fusion?: Record<'reduce' | 'fine' | 'up' | 'coarse', ConvBlock>;

  /**
   * @param finerDepth - Channels of the finer of two strides in what comes in (see `TwoStrides`); 0 for one stride.
   * @param width - Channels of each map that goes out.
   */
  constructor(
    private readonly finerDepth: number,
    private readonly width: number,
    norm: NormKind,
  ) {
    const block = (name: string, kernel: number, stride = 1) =>
      new ConvBlock({ name: `head.neck.${name}`, filters: width, kernel, stride, norm, activation: 'silu' });
    this.lateral = block('lateral', 1);
    if (finerDepth > 0) {
      this.fusion = {
        reduce: block('reduce', 1),
        fine: block('fine', 3),
        up: block('up', 3, 2),
        coarse: block('coarse', 3),
      };
    }
  }

  /** Its convolutions in the order in which they run. */
  get blocks(): ConvBlock[] {
    return [this.lateral, ...Object.values(this.fusion ?? {})];
  }

  /** Shapes of the maps that go out, the finest first. */
  outputShapes([height, width]: FeatureShape): FeatureShape[] {
    const coarse = [height, width, this.width];
    return this.fusion ? [[2 * height, 2 * width, this.width], coarse] : [coarse];
  }

  describe(input: FeatureShape): LayerRow[] {
    const inputs = this.inputShapes(input);
    const rows = this.lateral.describe(inputs.lateral);
    if (!this.fusion) return rows;
    const { reduce, fine, up, coarse } = this.fusion;
    const enlarged = [...inputs.fine.slice(0, 2), this.width];
    return [
      ...rows,
      movingRow('head.neck.nearest', 'Upsample', enlarged),
      movingRow('head.neck.down', 'Concat', inputs.reduce),
      ...reduce.describe(inputs.reduce),
      ...fine.describe(inputs.fine),
      ...up.describe(inputs.fine),
      movingRow('head.neck.joined', 'Concat', inputs.coarse),
      ...coarse.describe(inputs.coarse),
    ];
  }

  initialise(input: FeatureShape, random?: Random): void {
    const inputs = this.inputShapes(input);
    this.lateral.initialise(inputs.lateral, random);
    this.fusion?.reduce.initialise(inputs.reduce, random);
    this.fusion?.fine.initialise(inputs.fine, random);
    this.fusion?.up.initialise(inputs.fine, random);
    this.fusion?.coarse.initialise(inputs.coarse, random);
  }

  /** Maps of the strides, the finest first; to be called inside a tidy. */
  forward(features: tf.Tensor4D, context: ForwardContext): tf.Tensor4D[] {
    if (!this.fusion) return [this.lateral.forward(features, context)];
    const { reduce, fine, up, coarse } = this.fusion;
    const maps = splitStrides(features, this.finerDepth);
    const deep = this.lateral.forward(maps.coarse, context);
    const down = tf.concat([maps.fine, enlarged(deep)], 3);
    const fineMap = fine.forward(reduce.forward(down, context), context);
    const joined = tf.concat([deep, up.forward(fineMap, context)], 3);
    return [fineMap, coarse.forward(joined, context)];
  }

  private inputShapes([height, width, channels]: FeatureShape) {
    const fine = [2 * height, 2 * width];
    return {
      lateral: [height, width, channels - 4 * this.finerDepth],
      reduce: [...fine, this.finerDepth + this.width],
      fine: [...fine, this.width],
      coarse: [height, width, 2 * this.width],
    };
  }
}

/**
 * Each place four times, `[N, S, S, C]` to `[N, 2S, 2S, C]`: nearest neighbour. Made of concatenations, since the wasm
 * backend has no gradient of a resize.
 */
function enlarged(x: tf.Tensor4D): tf.Tensor4D {
  const [pictures, height, width, channels] = x.shape;
  return tf.tidy(() => {
    const wide = tf.concat([x, x], 3).reshape([pictures, height, 2 * width * channels]);
    return tf.concat([wide, wide], 2).reshape([pictures, 2 * height, 2 * width, channels]) as tf.Tensor4D;
  });
}
