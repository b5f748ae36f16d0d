import { VOC_CLASSES } from '../../data/classes';
import type { NetworkShape } from '../../memory/estimate/layerCosts';
import { baselineBackbone } from '../../model/baselineBackbone';
import { convolutionalHead, fullyConnectedHead } from '../../model/heads';
import { resnet18 } from '../../model/resnet18';

/** Heads whose memory can be asked about; `paper` is that of arXiv 1506.02640, which no configuration offers. */
export const HEADS = ['convolutional', 'fullyConnected', 'paper'] as const;
export type HeadName = (typeof HEADS)[number];

/** What heads are called in a table. */
export const HEAD_NAMES: Readonly<Record<HeadName, string>> = {
  convolutional: 'convolutional',
  fullyConnected: "original's",
  paper: "paper's",
};

/** Grid cells per side of a fully connected head, and boxes a cell. */
const GRID = 7;
const BOXES = 2;
const DEPTH = BOXES * 5 + VOC_CLASSES.length;

/** The network of a backbone, a head and the side of the input; makes no variable. */
export function networkOf(
  backbone: 'resnet18' | 'baseline',
  head: HeadName,
  inputSize: number,
): NetworkShape {
  const inputShape = [inputSize, inputSize, 3];
  const trunk = backbone === 'resnet18' ? resnet18() : baselineBackbone();
  const map = trunk.outputShape(inputShape);
  const top = makeHead(head, backbone === 'resnet18');
  return { inputShape, describe: () => [...trunk.describe(inputShape), ...top.describe(map)] };
}

/** @param twice - Whether the map is twice as large as the grid, so that the head begins with a stride of 2. */
function makeHead(head: HeadName, twice: boolean) {
  if (head === 'convolutional') {
    return convolutionalHead({ depth: DEPTH });
  }
  const sizes = { gridSize: GRID, depth: DEPTH };
  if (head === 'fullyConnected') {
    return fullyConnectedHead({ ...sizes, downsample: twice ? 512 : undefined });
  }
  // Four convolutions of 1024 filters, one of them with stride 2, and 4096 hidden units.
  const convolutions = Array(twice ? 3 : 4).fill(1024);
  return fullyConnectedHead({ ...sizes, convolutions, units: 4096, downsample: twice ? 1024 : undefined });
}

/** Numbers of parameters of a head: all, and those of its fully connected layers. */
export function headParameters(network: NetworkShape): { all: number; fullyConnected: number } {
  const rows = network.describe().filter(({ name }) => name.startsWith('head.'));
  const of = (list: typeof rows) => list.reduce((sum, { parameters }) => sum + parameters, 0);
  return { all: of(rows), fullyConnected: of(rows.filter(({ type }) => type === 'Linear')) };
}
