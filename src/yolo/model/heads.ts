import * as v from 'valibot';
import { COUNT, checkArguments, listOf, record } from '../core/arguments';
import { numberFrom } from '../core/form';
import { ConvBlock } from './layers/convBlock';
import { Dense } from './layers/dense';
import { Dropout } from './layers/dropout';
import { GridOutput } from './layers/gridOutput';
import type { Layer } from './layers/layer';
import { NORM_KIND, type NormKind } from './layers/norm';
import { Sequential } from './layers/sequential';

/** Small enough that a new head starts by predicting nearly its bias everywhere. */
const OUTPUT_DEVIATION = 0.01;

/** Description of {@link convolutionalHead}. */
export interface ConvolutionalHeadOptions {
  /** Values a cell: `B * 5 + C`. */
  depth: number;
  /** Filters of the two 3x3 convolutions; default 256. */
  filters?: number;
  /** Stride of the first convolution: 2 turns a 14 x 14 map into the paper's 7 x 7 grid; default 1. */
  stride?: number;
  /** Dropout rate of channels between the two; default .1. */
  dropout?: number;
  /** Normalisation of the two 3x3 convolutions; default `batch`. */
  norm?: NormKind;
}

const EITHER = {
  depth: COUNT,
  dropout: v.optional(numberFrom(0, 1 - Number.EPSILON)),
  norm: v.optional(NORM_KIND),
};
const CONVOLUTIONAL = record('an object with the depth', {
  ...EITHER,
  ...{ filters: v.optional(COUNT), stride: v.optional(COUNT) },
});
const FULLY_CONNECTED = record('an object with gridSize and depth', {
  ...EITHER,
  gridSize: COUNT,
  convolutions: v.optional(listOf('a list of numbers of filters', Number.isInteger)),
  ...{ downsample: v.optional(COUNT), units: v.optional(COUNT) },
});

/**
 * Two 3x3 convolutions and a 1x1 one: about 1.8 M parameters on ResNet18's 512 channels.
 *
 * @param options - Sizes; only `depth` has no default.
 * @throws UserError for an option of another kind.
 */
export function convolutionalHead(options: ConvolutionalHeadOptions): Sequential {
  checkArguments('convolutionalHead', { options }, { options: CONVOLUTIONAL });
  const { depth, filters = 256, stride = 1, dropout = 0.1, norm = 'batch' } = options;
  const common = { filters, kernel: 3, norm, activation: 'leaky' as const };
  return new Sequential([
    new ConvBlock({ ...common, name: 'head.conv1', stride }),
    new Dropout('head.dropout', dropout),
    new ConvBlock({ ...common, name: 'head.conv2' }),
    new ConvBlock({
      name: 'head.output',
      filters: depth,
      kernel: 1,
      norm: 'none',
      initialDeviation: OUTPUT_DEVIATION,
    }),
  ]);
}

/** Description of {@link fullyConnectedHead}. */
export interface FullyConnectedHeadOptions {
  /** Grid cells per side; the paper's 7. */
  gridSize: number;
  /** Values a cell: `B * 5 + C`. */
  depth: number;
  /** Filters of the 3x3 convolutions before the dense layers; the original's [512, 512] by default. */
  convolutions?: readonly number[];
  /** Filters of a stride-2 convolution that comes first, as for ResNet18's 14 x 14 map; default: there is none. */
  downsample?: number;
  /** Hidden units: 1024 in the original (the default), 4096 in the paper. */
  units?: number;
  /** Dropout rate after the hidden layer; the paper's .5 by default. */
  dropout?: number;
  /** Normalisation of the convolutions; default `batch`. */
  norm?: NormKind;
}

/**
 * Convolutions, then two fully connected layers, as the paper (section 2.1) and the original have them.
 *
 * @param options - Sizes; only `gridSize` and `depth` have no default.
 * @throws UserError for an option of another kind.
 */
export function fullyConnectedHead(options: FullyConnectedHeadOptions): Sequential {
  checkArguments('fullyConnectedHead', { options }, { options: FULLY_CONNECTED });
  const { gridSize, depth, convolutions = [512, 512], units = 1024, dropout = 0.5, norm = 'batch' } = options;
  const common = { kernel: 3, norm, activation: 'leaky' as const };
  const layers: Layer[] = [];
  if (options.downsample) {
    layers.push(
      new ConvBlock({ ...common, name: 'head.downsample', filters: options.downsample, stride: 2 }),
    );
  }
  convolutions.forEach((filters, index) => {
    layers.push(new ConvBlock({ ...common, name: `head.conv${index + 1}`, filters }));
  });
  layers.push(
    new Dense({ name: 'head.hidden', units, activation: 'leaky' }),
    new Dropout('head.dropout', dropout),
    new Dense({
      name: 'head.output',
      units: gridSize * gridSize * depth,
      initialDeviation: OUTPUT_DEVIATION,
    }),
    new GridOutput(gridSize, depth),
  );
  return new Sequential(layers);
}
