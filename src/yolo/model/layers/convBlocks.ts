import { Composite } from './composite';
import { ConvBlock } from './convBlock';
import type { Layer } from './layer';

/** Every convolution block inside a layer, in order: where BatchNorm modes are set and folding happens. */
export function convBlocksOf(layer: Layer): ConvBlock[] {
  if (layer instanceof ConvBlock) {
    return [layer];
  }
  return layer instanceof Composite ? layer.parts.flatMap(convBlocksOf) : [];
}
