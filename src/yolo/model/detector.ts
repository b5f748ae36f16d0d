import * as tf from '@tensorflow/tfjs';
import { checkArguments, tensor } from '../core/arguments';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import { baselineBackbone } from './baselineBackbone';
import { checkSpec } from './checkSpec';
import { DecoupledHead } from './decoupledHead';
import type { DetectorSpec } from './detectorSpec';
import { frozenLayers } from './frozenLayers';
import { convolutionalHead, fullyConnectedHead } from './heads';
import { convBlocksOf } from './layers/convBlocks';
import {
  type FeatureShape,
  type ForwardContext,
  INFERENCE,
  type Layer,
  type LayerRow,
  type Parameter,
  type Statistic,
} from './layers/layer';
import { BatchNorm, type BatchNormMode } from './layers/norm';
import { Sequential } from './layers/sequential';
import { RESNET18_FINER_DEPTH, resnet18 } from './resnet18';

/** Predictions `[N, S, S, 5B + C]` or, without objectness, `[N, P, 4 + C]` of all P cells. */
export type Predictions = tf.Tensor3D | tf.Tensor4D;

const IMAGES = tensor('a tensor of pictures');

/** A backbone and a head: pictures in, one prediction vector a grid cell out. */
export class Detector {
  /** Pictures to features. */
  readonly backbone: Sequential;
  /** Features to predictions. */
  readonly head: Layer;

  /**
   * @param spec - What to build; variables come with {@link Detector.initialise}.
   * @throws UserError for a field out of range, or if grid, input and backbone don't fit each other.
   */
  constructor(readonly spec: DetectorSpec) {
    checkSpec(spec);
    const { inputSize, gridSize, classes, predictors, norm = 'batch', objectness = true } = spec;
    const twoStrides = spec.strides?.length === 2;
    this.backbone =
      spec.backbone === 'resnet18' ? resnet18({ norm, twoStrides }) : baselineBackbone({ norm });
    if (spec.head === 'decoupled') {
      const finerDepth = twoStrides ? RESNET18_FINER_DEPTH : 0;
      const sizes = { classes: classes.length, predictors, width: spec.headWidth };
      this.head = new DecoupledHead({ ...sizes, objectness, finerDepth, norm });
      return;
    }
    const map = this.featureShape;
    const ratio = map[0] / gridSize;
    const halves = spec.backbone === 'resnet18' ? [1, 2] : [1];
    const depth = predictors * 5 + classes.length;
    if (spec.headConvolutions && spec.head === 'convolutional') {
      throw new UserError(
        'headConvolutions: given for a convolutional head, expected it with a fully connected one only; use headWidth',
      );
    }
    if (!halves.includes(ratio) && spec.head === 'convolutional') {
      throw new UserError(
        `gridSize: a ${inputSize} pixel input gives a ${map[0]} x ${map[1]} map, ` +
          `expected a grid of ${halves.map((n) => map[0] / n).join(' or ')}, got ${gridSize}`,
      );
    }
    this.head =
      spec.head === 'convolutional'
        ? convolutionalHead({ depth, stride: ratio, filters: spec.headWidth, dropout: spec.dropout, norm })
        : fullyConnectedHead({
            gridSize,
            depth,
            convolutions: spec.headConvolutions,
            units: spec.headWidth,
            dropout: spec.dropout,
            norm,
            downsample: spec.backbone === 'resnet18' ? map[2] : undefined,
          });
  }

  /** Shape of a picture: `[inputSize, inputSize, 3]`. */
  get inputShape(): FeatureShape {
    return [this.spec.inputSize, this.spec.inputSize, 3];
  }

  /** Shape of the backbone's output for one picture. */
  get featureShape(): FeatureShape {
    return this.backbone.outputShape(this.inputShape);
  }

  /** The operations in order, as rows of a table; needs no variables. */
  describe(): LayerRow[] {
    return [...this.backbone.describe(this.inputShape), ...this.head.describe(this.featureShape)];
  }

  /**
   * Make the variables from a seed; backbone and head draw from separate streams, so a change of one leaves the
   * other's initial weights as they were.
   *
   * @param seed - Without it weights are zero, for those that are read from a file next.
   */
  initialise(seed?: number): void {
    const random = (part: string) => (seed === undefined ? undefined : new Random(`${seed}/${part}`));
    this.backbone.initialise(this.inputShape, random('backbone'));
    this.head.initialise(this.featureShape, random('head'));
  }

  /**
   * Backbone and head, from pictures to predictions.
   *
   * @param images - `[N, inputSize, inputSize, 3]`, normalised (RGB / 255, ImageNet mean and deviation). Unless the
   * head is fully connected, any other multiple of the backbone's stride will do; then the grid is of another size as
   * well.
   * @param context - Default inference.
   * @returns Predictions; the caller disposes them.
   * @throws UserError for images of another shape or type.
   */
  forward(images: tf.Tensor4D, context: ForwardContext = INFERENCE): Predictions {
    this.checkImages(images);
    return tf.tidy(() => this.head.forward(this.backbone.forward(images, context), context) as Predictions);
  }

  /**
   * The backbone alone, for features of a backbone that isn't trained.
   *
   * @param images - As for {@link Detector.forward}.
   * @param context - In training, its BatchNorm follows its mode. Default inference.
   * @returns `[N, ...featureShape]`; the caller disposes it.
   */
  features(images: tf.Tensor4D, context: ForwardContext = INFERENCE): tf.Tensor4D {
    this.checkImages(images);
    return tf.tidy(() => this.backbone.forward(images, context) as tf.Tensor4D);
  }

  /**
   * The head alone. The caller disposes the result.
   *
   * @param features - `[N, ...featureShape]`, float32.
   * @param context - Default inference.
   * @throws UserError for features of another shape or type.
   */
  predictFromFeatures(features: tf.Tensor4D, context: ForwardContext = INFERENCE): Predictions {
    this.checkInput('features', features, this.featureShape);
    return this.head.forward(features, context) as Predictions;
  }

  /**
   * Freeze the backbone's layers up to and including a named one (`layer1`): while training, too, they run as in
   * inference, with their BatchNorm folded, and nothing is kept for a gradient. Load weights before.
   *
   * @param last - `conv1`, `layer1`, `layer2` and so on of ResNet18, the first of which is its whole stem.
   * @throws UserError for a name that the backbone has no layer of; says which there are.
   */
  freezePrefix(last: string): void {
    this.backbone.frozen = frozenLayers(this.backbone, this.inputShape, last);
    const prefix = new Sequential(this.backbone.layers.slice(0, this.backbone.frozen));
    for (const block of convBlocksOf(prefix)) {
      block.fold();
    }
  }

  /**
   * Set how every BatchNorm of a part behaves in training.
   *
   * @param mode - What it normalises by; `batch` until it is set.
   * @param affineTrained - Whether scale and shift are trained where it is frozen; if not, leave them out of what the
   * optimizer is given. Default true.
   */
  setBatchNormMode(part: 'backbone' | 'head', mode: BatchNormMode, affineTrained = true): void {
    for (const block of convBlocksOf(this[part])) {
      if (block.norm instanceof BatchNorm) {
        block.norm.mode = mode;
        block.norm.affineTrained = affineTrained;
      }
    }
  }

  /** Fold BatchNorm into the convolutions for faster inference; `unfold` before training goes on. */
  fold(): void {
    for (const block of [...convBlocksOf(this.backbone), ...convBlocksOf(this.head)]) {
      block.fold();
    }
  }

  /** Undo {@link Detector.fold}. */
  unfold(): void {
    for (const block of [...convBlocksOf(this.backbone), ...convBlocksOf(this.head)]) {
      block.unfold();
    }
  }

  /** What is trained, the backbone's before the head's. The variables stay the detector's. */
  parameters(): Parameter[] {
    return [...this.backbone.parameters(), ...this.head.parameters()];
  }

  /** Running statistics, the backbone's before the head's. The variables stay the detector's. */
  statistics(): Statistic[] {
    return [...this.backbone.statistics(), ...this.head.statistics()];
  }

  /** Free every variable of backbone and head. */
  dispose(): void {
    this.backbone.dispose();
    this.head.dispose();
  }

  private checkImages(images: tf.Tensor4D): void {
    checkArguments('Detector', { images }, { images: IMAGES });
    const { head, inputSize } = this.spec;
    const side = images.shape[1];
    const stride = inputSize / this.featureShape[0];
    const fits = head !== 'fullyConnected' && side > 0 && side % stride === 0;
    this.checkInput('images', images, fits ? [side, side, 3] : this.inputShape);
  }

  private checkInput(argument: string, { shape, dtype }: tf.Tensor, expected: FeatureShape): void {
    if (
      dtype === 'float32' &&
      shape.length === 4 &&
      expected.every((side, axis) => side === shape[axis + 1])
    ) {
      return;
    }
    throw new UserError(
      `${argument}: got ${dtype} of shape [${shape.join(', ')}], expected float32 [N, ${expected.join(', ')}]`,
    );
  }
}
