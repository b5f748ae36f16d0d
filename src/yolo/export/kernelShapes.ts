import * as tf from '@tensorflow/tfjs';

type Shape = readonly number[];
type Attributes = Readonly<Record<string, unknown>>;

const same = ([shape]: readonly Shape[]): Shape[] => [shape];
const broadcast = ([a, b]: readonly Shape[]): Shape[] => [
  tf.backend_util.assertAndGetBroadcastShape([...a], [...b]),
];

/** A window over an axis, without padding: every layer here pads by itself. */
function places(size: number, window: number, stride: number): number {
  return Math.floor((size - window) / stride) + 1;
}

function steps(strides: unknown): [number, number] {
  return Array.isArray(strides) ? [strides[0], strides[1]] : [strides as number, strides as number];
}

/** Shapes of the results of the kernels that networks here are made of, from the shapes of their inputs. */
export const KERNEL_SHAPES: Readonly<
  Record<string, (inputs: readonly Shape[], attributes: Attributes) => Shape[]>
> = {
  Add: broadcast,
  Sub: broadcast,
  Multiply: broadcast,
  Relu: same,
  LeakyRelu: same,
  Sigmoid: same,
  Softplus: same,
  Identity: same,
  PadV2: ([shape], { paddings }) => [
    shape.map((size, axis) => {
      const [before, after] = (paddings as [number, number][])[axis];
      return before + size + after;
    }),
  ],
  Conv2D: ([[pictures, height, width], [kh, kw, , filters]], { strides }) => {
    const [down, right] = steps(strides);
    return [[pictures, places(height, kh, down), places(width, kw, right), filters]];
  },
  MaxPool: ([[pictures, height, width, channels]], { filterSize, strides }) => {
    const [[kh, kw], [down, right]] = [steps(filterSize), steps(strides)];
    return [[pictures, places(height, kh, down), places(width, kw, right), channels]];
  },
  // One size may be left open.
  Reshape: ([from], { shape }) => {
    const count = (sizes: Shape) => sizes.reduce((product, size) => product * size, 1);
    const open = count(from) / -count(shape as Shape);
    return [(shape as Shape).map((size) => (size === -1 ? open : size))];
  },
  Transpose: ([shape], { perm }) => [(perm as number[]).map((axis) => shape[axis])],
  BatchMatMul: ([a, b]) => [[...a.slice(0, -1), b[b.length - 1]]],
  Concat: (shapes, { axis }) => [
    tf.backend_util.computeOutShape(
      shapes.map((shape) => [...shape]),
      axis as number,
    ),
  ],
  SplitV: ([shape], { numOrSizeSplits, axis }) =>
    (numOrSizeSplits as number[]).map((size) =>
      shape.map((whole, at) => (at === (axis as number) ? size : whole)),
    ),
};
