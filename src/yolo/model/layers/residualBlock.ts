import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random';
import { Composite } from './composite';
import { ConvBlock } from './convBlock';
import { countOf, type FeatureShape, type ForwardContext, type LayerRow } from './layer';
import type { NormKind } from './norm';

/**
 * ResNet's basic block (arXiv 1512.03385, figure 2): `relu(x + norm(conv(relu(norm(conv(x))))))`, with a strided
 * 1x1 convolution on the shortcut where the shape changes. Parameter names are torchvision's.
 */
export class ResidualBlock extends Composite {
  private readonly first: ConvBlock;
  private readonly second: ConvBlock;
  private readonly shortcut?: ConvBlock;

  constructor(
    readonly name: string,
    private readonly shape: { inputs: number; filters: number; stride: number; norm: NormKind },
  ) {
    super();
    const { inputs, filters, stride, norm } = shape;
    const block = { filters, kernel: 3, norm };
    this.first = new ConvBlock({
      ...block,
      name: `${name}.conv1`,
      normName: `${name}.bn1`,
      stride,
      activation: 'relu',
    });
    this.second = new ConvBlock({ ...block, name: `${name}.conv2`, normName: `${name}.bn2` });
    if (stride !== 1 || inputs !== filters) {
      this.shortcut = new ConvBlock({
        name: `${name}.downsample.0`,
        normName: `${name}.downsample.1`,
        filters,
        kernel: 1,
        stride,
        norm,
      });
    }
  }

  /** The convolutions with their norms, first to last. */
  get parts(): ConvBlock[] {
    return this.shortcut ? [this.first, this.second, this.shortcut] : [this.first, this.second];
  }

  outputShape(input: FeatureShape): FeatureShape {
    return this.second.outputShape(this.first.outputShape(input));
  }

  describe(input: FeatureShape): LayerRow[] {
    const output = this.outputShape(input);
    const outputs = countOf(output);
    const [opening, ...first] = this.first.describe(input);
    const none = { output, parameters: 0, statistics: 0, multiplyAdds: 0 };
    // Only the result of the sum and its activation is kept.
    const training = () => ({
      inputs: outputs,
      kept: outputs,
      backward: [{ alive: 2 * outputs, frees: outputs }],
    });
    return [
      { ...opening, branch: 'opens' },
      ...first,
      ...this.second.describe(this.first.outputShape(input)),
      ...(this.shortcut?.describe(input) ?? []),
      { ...none, name: `${this.name}.add`, type: 'Add', training, branch: 'closes' },
      { ...none, name: `${this.name}.relu`, type: 'ReLU' },
    ];
  }

  initialise(input: FeatureShape, random?: Random): void {
    if (input[2] !== this.shape.inputs) {
      throw new Error(`${this.name}: expected ${this.shape.inputs} input channels, got ${input[2]}`);
    }
    this.first.initialise(input, random);
    this.second.initialise(this.first.outputShape(input), random);
    this.shortcut?.initialise(input, random);
  }

  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    return tf.tidy(() => {
      const carried = this.shortcut ? this.shortcut.forward(x, context) : (x as tf.Tensor4D);
      return this.second.forward(this.first.forward(x, context), context, carried);
    });
  }
}
