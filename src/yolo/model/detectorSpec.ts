import type { NormKind } from './layers/norm';

/** Description of a detector: everything needed to build the same network again. */
export interface DetectorSpec {
  /** ResNet18 up to its last map, of stride 32, or the original's small network from scratch, of stride 64. */
  backbone: 'resnet18' | 'baseline';
  /** `decoupled`: boxes and classes by branches of their own, on ResNet18 only. */
  head: 'convolutional' | 'fullyConnected' | 'decoupled';
  /** Side of the square input in pixels, a multiple of the backbone's stride under any but a fully connected head. */
  inputSize: number;
  /**
   * Cells per side, S: those of the backbone's map, or half as many under a convolutional head on ResNet18; any divisor
   * of the input's side under a fully connected head. Of two strides, those of the finer one.
   */
  gridSize: number;
  /** Boxes a cell, B; 1 without objectness. */
  predictors: number;
  /** Class names in index order; their number is C. */
  classes: readonly string[];
  /** Normalisation of the backbone and the head; default `batch`. */
  norm?: NormKind;
  /**
   * Pixels a cell, of a decoupled head on ResNet18: `[32]`, one grid, or `[16, 32]`, two of them. Default `[32]`.
   */
  strides?: readonly number[];
  /**
   * True if each box has a confidence of its own, as in YOLOv1; false, of a decoupled head only, for `taskAlignedLoss`.
   * Two strides need false. Default true.
   */
  objectness?: boolean;
  /**
   * Filters of a convolutional head (default 256) or a decoupled one (128), or hidden units of a fully connected one
   * (1024).
   */
  headWidth?: number;
  /** Filters of the 3x3 convolutions of the fully connected head before its dense layers; default `[512, 512]`. */
  headConvolutions?: readonly number[];
  /** Dropout rate, 0 to below 1; default .1 (convolutional) or .5 (fully connected). A decoupled head has none. */
  dropout?: number;
}
