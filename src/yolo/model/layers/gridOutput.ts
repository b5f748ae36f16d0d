import type * as tf from '@tensorflow/tfjs';
import {
  countOf,
  type FeatureShape,
  type ForwardContext,
  type Layer,
  type LayerRow,
  type Parameter,
  type Statistic,
} from './layer';

/** The last step of a fully connected head: `[N, S*S*depth]` read as `[N, S, S, depth]`, row by row. */
export class GridOutput implements Layer {
  constructor(
    private readonly gridSize: number,
    private readonly depth: number,
  ) {}

  outputShape(input: FeatureShape): FeatureShape {
    const output = [this.gridSize, this.gridSize, this.depth];
    if (countOf(input) !== countOf(output)) {
      throw new Error(`grid output: expected ${countOf(output)} values for [${output}], got [${input}]`);
    }
    return output;
  }

  describe(): LayerRow[] {
    return [];
  }

  initialise(): void {}

  forward(x: tf.Tensor, _context: ForwardContext): tf.Tensor {
    return x.reshape([x.shape[0], this.gridSize, this.gridSize, this.depth]);
  }

  parameters(): Parameter[] {
    return [];
  }

  statistics(): Statistic[] {
    return [];
  }

  dispose(): void {}
}
