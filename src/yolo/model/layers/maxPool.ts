import type * as tf from '@tensorflow/tfjs';
import { maxPool } from '../../tensor/ops';
import {
  countOf,
  type FeatureShape,
  type ForwardContext,
  type Layer,
  type LayerRow,
  type Parameter,
  type Statistic,
} from './layer';

/** Description of a {@link MaxPool}: square window `size`, `stride`, symmetric `padding`, in pixels. */
export interface MaxPoolOptions {
  name: string;
  size: number;
  stride: number;
  /** Default 0. */
  padding?: number;
}

/** Maximum over square windows. */
export class MaxPool implements Layer {
  constructor(private readonly options: MaxPoolOptions) {}

  outputShape([height, width, channels]: FeatureShape): FeatureShape {
    const { size, stride, padding = 0 } = this.options;
    const side = (n: number) => Math.floor((n + 2 * padding - size) / stride) + 1;
    return [side(height), side(width), channels];
  }

  describe(input: FeatureShape): LayerRow[] {
    const output = this.outputShape(input);
    const [inputs, outputs] = [countOf(input), countOf(output)];
    // Beside its result it keeps the place of each largest value, a byte; its gradient is made padded, then cut.
    const kept = 1.25 * outputs;
    const training = () => ({ inputs, kept, backward: [{ alive: outputs + 2 * inputs, frees: kept }] });
    const none = { parameters: 0, statistics: 0, multiplyAdds: 0 };
    return [{ ...none, name: this.options.name, type: 'MaxPool2d', output, training }];
  }

  initialise(): void {}

  forward(x: tf.Tensor, _context: ForwardContext): tf.Tensor {
    const { size, stride, padding = 0 } = this.options;
    return maxPool(x as tf.Tensor4D, { size, stride, padding });
  }

  parameters(): Parameter[] {
    return [];
  }

  statistics(): Statistic[] {
    return [];
  }

  dispose(): void {}
}
