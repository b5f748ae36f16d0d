import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random';
import { detached } from '../../grid/detached';
import { Composite } from './composite';
import { type FeatureShape, type ForwardContext, INFERENCE, type Layer, type LayerRow } from './layer';
import { recomputed } from './recomputed';

/** Layers one after the other. */
export class Sequential extends Composite {
  /**
   * Leading layers that stay as they are: also while training they run as in inference, and nothing of them is kept for
   * a gradient.
   */
  frozen = 0;
  /** True if each layer that is trained keeps only its input while training, and is run again for its gradients. */
  recompute = false;

  constructor(readonly layers: readonly Layer[]) {
    super();
  }

  get parts(): readonly Layer[] {
    return this.layers;
  }

  outputShape(input: FeatureShape): FeatureShape {
    return this.layers.reduce((shape, layer) => layer.outputShape(shape), input);
  }

  describe(input: FeatureShape): LayerRow[] {
    let shape = input;
    return this.layers.flatMap((layer) => {
      const rows = layer.describe(shape);
      shape = layer.outputShape(shape);
      return rows.map((row) => ({ ...row, unit: rows[0].name }));
    });
  }

  initialise(input: FeatureShape, random?: Random): void {
    let shape = input;
    for (const layer of this.layers) {
      layer.initialise(shape, random);
      shape = layer.outputShape(shape);
    }
  }

  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    return tf.tidy(() => this.resultsOf(x, context, [this.layers.length - 1])[0]);
  }

  /** Results of the layers at these places (ascending), to be called inside a tidy. */
  protected resultsOf(x: tf.Tensor, context: ForwardContext, places: readonly number[]): tf.Tensor[] {
    const results: tf.Tensor[] = [];
    let y = x;
    this.layers.forEach((layer, index) => {
      const next = this.run(layer, y, context, context.training && index < this.frozen);
      // Nothing needs the layer's input any more: freeing it here bounds the peak to two layers. Inside a gradient the
      // tape holds its own reference, so disposing only drops ours.
      if (y !== x && !results.includes(y)) {
        y.dispose();
      }
      if (places.includes(index)) results.push(next);
      y = next;
    });
    return results;
  }

  private run(layer: Layer, x: tf.Tensor, context: ForwardContext, constant: boolean): tf.Tensor {
    if (constant) return detached(() => layer.forward(x, INFERENCE));
    return this.recompute && context.training ? recomputed(layer, x, context) : layer.forward(x, context);
  }

  /** The layers that are not frozen. */
  get trained(): Sequential {
    return new Sequential(this.layers.slice(this.frozen));
  }
}
