import { ConvBlock } from './convBlock';
import { DecoupledHead } from './decoupledHead';
import type { Layer } from './layer';
import { ResidualBlock } from './residualBlock';
import { Sequential } from './sequential';

/** Every convolution block inside a layer, in order: where BatchNorm modes are set and folding happens. */
export function convBlocksOf(layer: Layer): ConvBlock[] {
  if (layer instanceof ConvBlock) {
    return [layer];
  }
  if (layer instanceof ResidualBlock || layer instanceof DecoupledHead) {
    return layer.blocks;
  }
  return layer instanceof Sequential ? layer.layers.flatMap(convBlocksOf) : [];
}
