import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random';
import { Composite } from './layers/composite';
import { ConvBlock } from './layers/convBlock';
import { type FeatureShape, type ForwardContext, type LayerRow, movingRow } from './layers/layer';
import type { NormKind } from './layers/norm';
import { Sequential } from './layers/sequential';
import { Neck } from './neck';

/** Description of a {@link DecoupledHead}. */
export interface DecoupledHeadOptions {
  /** Number of classes, C. */
  classes: number;
  /** Boxes a cell, B. */
  predictors: number;
  /** True if a box has a confidence of its own, as YOLOv1's. Without it there is one box a cell. */
  objectness: boolean;
  /** Channels of the finer of two strides in the features; 0 for one stride. */
  finerDepth: number;
  /** Filters of every convolution but the last ones; default 128. */
  width?: number;
  norm?: NormKind;
}

/** Small enough that a new head starts by predicting nearly its bias everywhere. */
const OUTPUT_DEVIATION = 0.01;
/** Distance outputs begin here: their softplus times two, 2.2 cells to each side. */
const DISTANCE_BIAS = 0.7;
/** Classes begin at a probability of .01, as Lin et al. (1708.02002, section 4.1). */
const CLASS_BIAS = Math.log(0.01 / 0.99);

/**
 * Boxes and classes by branches of their own (YOLOX, arXiv 2107.08430): two 3x3 convolutions and a 1x1 one each, behind
 * a {@link Neck}. Of two strides both are read by the same filters, each with a BatchNorm of its own, since their
 * statistics differ (RTMDet, arXiv 2212.07784).
 *
 * With objectness the result is `[N, S, S, 5B + C]`, as of any YOLOv1 head. Without it is `[N, P, 4 + C]`: distances to
 * the four sides and classes of all P cells, those of the finer grid first, row by row.
 */
export class DecoupledHead extends Composite {
  private readonly neck: Neck;
  private readonly boxes: Sequential[];
  private readonly classes: Sequential[];
  private readonly depth: number;

  constructor(private readonly options: DecoupledHeadOptions) {
    super();
    const { classes, predictors, objectness, finerDepth, width = 128, norm = 'batch' } = options;
    const strides = finerDepth > 0 ? 2 : 1;
    const boxDepth = objectness ? 5 * predictors : 4;
    this.depth = boxDepth + classes;
    this.neck = new Neck(finerDepth, width, norm);
    const branches = (name: string, filters: number, initialBias: number) => {
      const output = { kernel: 1, norm: 'none' as const, initialDeviation: OUTPUT_DEVIATION, initialBias };
      const last = new ConvBlock({ ...output, name: `head.${name}.output`, filters });
      const first = [1, 2].map((place) => sharedBlocks(`head.${name}.conv${place}`, strides, width, norm));
      return Array.from({ length: strides }, (_, stride) => {
        return new Sequential([...first.map((blocks) => blocks[stride]), last]);
      });
    };
    this.boxes = branches('box', boxDepth, objectness ? 0 : DISTANCE_BIAS);
    this.classes = branches('class', classes, objectness ? 0 : CLASS_BIAS);
  }

  /** Every convolution once, with its norm. */
  get parts(): ConvBlock[] {
    const ofBranches = [...this.boxes, ...this.classes].flatMap(({ layers }) => layers as ConvBlock[]);
    return [...new Set([...this.neck.blocks, ...ofBranches])];
  }

  outputShape(input: FeatureShape): FeatureShape {
    const maps = this.neck.outputShapes(input);
    if (this.options.objectness) return [...maps[0].slice(0, 2), this.depth];
    return [maps.reduce((cells, [height, width]) => cells + height * width, 0), this.depth];
  }

  describe(input: FeatureShape): LayerRow[] {
    const rows = this.neck
      .outputShapes(input)
      .flatMap((map, stride) =>
        [this.boxes[stride], this.classes[stride]].flatMap((branch) => branch.describe(map)),
      );
    const named = new Set<string>();
    const once = rows.map((row) => {
      const again = named.has(row.name);
      named.add(row.name);
      return again ? { ...row, parameters: 0 } : row;
    });
    return [
      ...this.neck.describe(input),
      ...once,
      movingRow('head.output', 'Concat', this.outputShape(input)),
    ];
  }

  initialise(input: FeatureShape, random?: Random): void {
    this.neck.initialise(input, random);
    const map = this.neck.outputShapes(input)[0];
    for (const block of this.parts.slice(this.neck.blocks.length)) {
      block.initialise(map, random);
    }
  }

  forward(x: tf.Tensor, context: ForwardContext): tf.Tensor {
    return tf.tidy(() => {
      const outputs = this.neck
        .forward(x as tf.Tensor4D, context)
        .map((map, stride) =>
          tf.concat(
            [this.boxes[stride].forward(map, context), this.classes[stride].forward(map, context)],
            3,
          ),
        );
      if (this.options.objectness) return outputs[0];
      const cells = outputs.map((grid) => grid.reshape([grid.shape[0], -1, this.depth]));
      return cells.length > 1 ? tf.concat(cells, 1) : cells[0];
    });
  }
}

/** A 3x3 block of each stride; all use the filter of the first. */
function sharedBlocks(name: string, strides: number, filters: number, norm: NormKind): ConvBlock[] {
  const blocks: ConvBlock[] = [];
  for (let stride = 0; stride < strides; stride++) {
    const own = stride === 0 ? name : `${name}.coarse`;
    blocks.push(
      new ConvBlock({ name: own, filters, kernel: 3, norm, activation: 'silu', filterOf: blocks[0] }),
    );
  }
  return blocks;
}
