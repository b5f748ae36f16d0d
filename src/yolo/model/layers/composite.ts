import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random';
import type { FeatureShape, ForwardContext, Layer, LayerRow, Parameter, Statistic } from './layer';

/** A layer made of others, whose parameters and statistics are its own. */
export abstract class Composite implements Layer {
  /** Each of them once, first to last. */
  abstract get parts(): readonly Layer[];
  abstract describe(input: FeatureShape): LayerRow[];
  abstract outputShape(input: FeatureShape): FeatureShape;
  abstract initialise(input: FeatureShape, random?: Random): void;
  abstract forward(x: tf.Tensor, context: ForwardContext): tf.Tensor;

  parameters(): Parameter[] {
    return this.parts.flatMap((part) => part.parameters());
  }

  statistics(): Statistic[] {
    return this.parts.flatMap((part) => part.statistics());
  }

  dispose(): void {
    for (const part of this.parts) {
      part.dispose();
    }
  }
}
