import { allOptional, checkArguments, FLAG, TEXT } from '../core/arguments';
import { ConvBlock } from './layers/convBlock';
import type { Layer } from './layers/layer';
import { MaxPool } from './layers/maxPool';
import { NORM_KIND, type NormKind } from './layers/norm';
import { ResidualBlock } from './layers/residualBlock';
import { Sequential } from './layers/sequential';
import { TwoStrides } from './twoStrides';

/** Output channels of the four stages. */
const STAGES = [64, 128, 256, 512];

/** Channels of the map of stride 16, the result of the third stage. */
export const RESNET18_FINER_DEPTH = STAGES[2];

const OPTIONS = allOptional({ prefix: TEXT, norm: NORM_KIND, twoStrides: FLAG });

/**
 * ResNet18 without its pooling and classifier (arXiv 1512.03385): `[N, H, W, 3]` to `[N, H/32, W/32, 512]`.
 * Names, geometry and paddings are torchvision's, so its weights load as they are (under `prefix`).
 *
 * @param options - Each has a default.
 * @param options.prefix - Put before every parameter name. Default `backbone.`.
 * @param options.norm - Normalisation after each convolution. Default `batch`.
 * @param options.twoStrides - Whether the result holds the map of stride 16, of 256 channels, besides. Default false.
 * @throws UserError for an option of another kind.
 */
export function resnet18(
  options: { prefix?: string; norm?: NormKind; twoStrides?: boolean } = {},
): Sequential {
  checkArguments('resnet18', { options }, { options: OPTIONS });
  const { prefix = 'backbone.', norm = 'batch', twoStrides = false } = options;
  // Together, since a stem that is run again in the backward pass should keep its small result, not the large one.
  const stem = new Sequential([
    new ConvBlock({
      name: `${prefix}conv1`,
      normName: `${prefix}bn1`,
      filters: 64,
      kernel: 7,
      stride: 2,
      norm,
      activation: 'relu',
    }),
    new MaxPool({ name: `${prefix}maxpool`, size: 3, stride: 2, padding: 1 }),
  ]);
  const layers: Layer[] = [stem];
  let inputs = 64;
  STAGES.forEach((filters, stage) => {
    for (const block of [0, 1]) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      layers.push(
        new ResidualBlock(`${prefix}layer${stage + 1}.${block}`, { inputs, filters, stride, norm }),
      );
      inputs = filters;
    }
  });
  // Two blocks of the last stage come after the map of stride 16.
  return twoStrides ? new TwoStrides(layers, layers.length - 3) : new Sequential(layers);
}
