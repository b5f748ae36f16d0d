import { allOptional, checkArguments } from '../core/arguments';
import { ConvBlock } from './layers/convBlock';
import { MaxPool } from './layers/maxPool';
import { NORM_KIND, type NormKind } from './layers/norm';
import { Sequential } from './layers/sequential';

/** `[kernel, filters]` of each convolution between the poolings, after the 7x7 stem. */
const STAGES: [number, number][][] = [
  [[3, 192]],
  [
    [1, 128],
    [3, 256],
  ],
  [
    [1, 256],
    [3, 512],
  ],
  [
    [1, 512],
    [3, 1024],
  ],
];

const OPTIONS = allOptional({ norm: NORM_KIND });

/**
 * The original's small network from scratch: convolutions with BatchNorm and leaky rectifier, a 2x2 pooling after
 * each stage, `[N, H, W, 3]` to `[N, H/64, W/64, 1024]`; 448 gives a 7 x 7 map.
 *
 * @param options - Default: BatchNorm.
 * @param options.norm - Normalisation after each convolution. Default `batch`.
 * @throws UserError for an option of another kind.
 */
export function baselineBackbone(options: { norm?: NormKind } = {}): Sequential {
  checkArguments('baselineBackbone', { options }, { options: OPTIONS });
  const { norm = 'batch' } = options;
  const common = { norm, activation: 'leaky' as const };
  const pool = (stage: number) => new MaxPool({ name: `backbone.pool${stage}`, size: 2, stride: 2 });
  const stem = new ConvBlock({ ...common, name: 'backbone.conv1', filters: 64, kernel: 7, stride: 2 });
  let number = 1;
  const stages = STAGES.map((stage, index) => {
    const blocks = stage.map(([kernel, filters]) => {
      number += 1;
      return new ConvBlock({ ...common, name: `backbone.conv${number}`, filters, kernel });
    });
    return new Sequential([...blocks, pool(index + 2)]);
  });
  return new Sequential([new Sequential([stem, pool(1)]), ...stages]);
}
