import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random';
import type { FeatureShape, ForwardContext, Layer, LayerRow, Parameter, Statistic } from './layer';

/** Layers one after the other. */
export class Sequential implements Layer {
  constructor(readonly layers: readonly Layer[]) {}

  outputShape(input: FeatureShape): FeatureShape {
    return this.layers.reduce((shape, layer) => layer.outputShape(shape), input);
  }

  describe(input: FeatureShape): LayerRow[] {
    let shape = input;
    return this.layers.flatMap((layer) => {
      const rows = layer.describe(shape);
      shape = layer.outputShape(shape);
      return rows;
    });
  }

  initialise(input: FeatureShape, random: Random): void {
    let shape = input;
    for (const layer of this.layers) {
      layer.initialise(shape, random);
      shape = layer.outputShape(shape);
    }
  }

  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    return tf.tidy(() => {
      let y = x;
      for (const layer of this.layers) {
        const next = layer.forward(y, context);
        // Outside a gradient nothing needs the layer's input any more: freeing it here bounds the peak to two
        // layers. Inside one the tape holds its own reference, so disposing only drops ours.
        if (y !== x && !context.training) {
          y.dispose();
        }
        y = next;
      }
      return y;
    });
  }

  parameters(): Parameter[] {
    return this.layers.flatMap((layer) => layer.parameters());
  }

  statistics(): Statistic[] {
    return this.layers.flatMap((layer) => layer.statistics());
  }

  dispose(): void {
    for (const layer of this.layers) {
      layer.dispose();
    }
  }
}
