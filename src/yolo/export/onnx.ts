import { UserError } from '../core/errors';
import { type OnnxAttribute, onnxNode, onnxTensor, onnxValue } from './onnxNodes';
import { Message } from './protobuf';
import { TRACED_BATCH, type Trace, type TracedKernel } from './trace';

/** Version 8 of the form, with the operators of set 17: read by every onnxruntime from 1.12 (2022) on. */
const FORM = 8;
const OPERATORS = 17;
/** What a model in one file may have at most, by the limit of Protocol Buffers. */
const MOST_BYTES = 2 ** 31 - 1;

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/** Kernels that work number by number, by ONNX's name. */
const BY_NUMBER: Readonly<Record<string, string>> = {
  Add: 'Add',
  Sub: 'Sub',
  Multiply: 'Mul',
  Relu: 'Relu',
  LeakyRelu: 'LeakyRelu',
  Sigmoid: 'Sigmoid',
  Softplus: 'Softplus',
  Identity: 'Identity',
};

/**
 * A traced network as an ONNX model of any number of pictures: input `images` `[batch, 3, height, width]`, ImageNet-
 * normalised as torchvision does it, output `predictions` as the network gives it, `[batch, S, S, 5B + C]`.
 *
 * Between them tensors stay in ONNX's order, channels before rows, wherever a picture's axes are not rearranged.
 *
 * @param metadata - Facts about the model, by name.
 * @throws {@link UserError} if the network has an operation that has no counterpart here, or is too large for one file.
 */
export function onnxModel(trace: Trace, metadata: Readonly<Record<string, string>>): Buffer {
  const graph = new OnnxGraph(trace);
  const operators = new Message().bytes(1, '').integer(2, OPERATORS);
  const model = new Message().integer(1, FORM).bytes(2, 'yolov1').bytes(7, graph.build()).bytes(8, operators);
  for (const [name, value] of Object.entries(metadata)) {
    model.bytes(14, new Message().bytes(1, name).bytes(2, value));
  }
  const file = model.build();
  if (file.length > MOST_BYTES) {
    throw new UserError(
      `the model takes ${file.length} bytes, more than the 2 GB that ONNX can hold in one file`,
    );
  }
  return file;
}

/** Builds a graph kernel by kernel. A value has a name in its own order, and one with channels first, or both. */
class OnnxGraph {
  private readonly nodes: Message[] = [];
  private readonly constants: Message[] = [];
  /** Names by place, of values in their own order. */
  private readonly plain = new Map<number, string>();
  /** Names by place, of values of four axes with channels before rows. */
  private readonly channelsFirst = new Map<number, string>();
  private made = 0;

  constructor(private readonly trace: Trace) {}

  build(): Message {
    const { values, input, output, kernels } = this.trace;
    this.channelsFirst.set(input, 'images');
    for (const kernel of kernels) this.add(kernel);
    this.nodes.push(onnxNode('Identity', [this.inPlainOrder(output)], ['predictions']));
    const graph = new Message();
    for (const node of this.nodes) graph.bytes(1, node);
    graph.bytes(2, 'network');
    for (const constant of this.constants) graph.bytes(5, constant);
    const [, height, width, channels] = values[input].shape;
    return graph
      .bytes(11, onnxValue('images', ['batch', channels, height, width]))
      .bytes(12, onnxValue('predictions', ['batch', ...values[output].shape.slice(1)]));
  }

  private add(kernel: TracedKernel): void {
    const { name, inputs, attributes, outputs } = kernel;
    const [x] = inputs;
    if (name in BY_NUMBER) {
      this.addByNumber(kernel);
    } else if (name === 'Conv2D') {
      const weights = this.constant(inputs[1], [3, 2, 0, 1]);
      const strides = pair(attributes.strides);
      const y = this.node('Conv', [this.withChannelsFirst(x), weights], { strides });
      this.channelsFirst.set(outputs[0], y);
    } else if (name === 'MaxPool') {
      const window = { kernel_shape: pair(attributes.filterSize), strides: pair(attributes.strides) };
      this.channelsFirst.set(outputs[0], this.node('MaxPool', [this.withChannelsFirst(x)], window));
    } else if (name === 'PadV2') {
      const [rows, columns] = (attributes.paddings as [number, number][]).slice(1, 3);
      const around = [0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]];
      const value = this.floats([], Float32Array.of(attributes.constantValue as number));
      const y = this.node('Pad', [this.withChannelsFirst(x), this.integers(around), value]);
      this.channelsFirst.set(outputs[0], y);
    } else if (name === 'Reshape') {
      const { shape: sizes } = this.trace.values[outputs[0]];
      const shape = sizes.map((size) => (size % TRACED_BATCH === 0 ? -1 : size));
      this.plain.set(outputs[0], this.node('Reshape', [this.inPlainOrder(x), this.integers(shape)]));
    } else if (name === 'Transpose') {
      const perm = attributes.perm as number[];
      this.plain.set(outputs[0], this.node('Transpose', [this.inPlainOrder(x)], { perm }));
    } else if (name === 'BatchMatMul' && !attributes.transposeA && !attributes.transposeB) {
      this.plain.set(
        outputs[0],
        this.node(
          'MatMul',
          inputs.map((input) => this.inPlainOrder(input)),
        ),
      );
    } else if (name === 'Concat' || name === 'SplitV') {
      this.addJoin(kernel);
    } else {
      throw new UserError(`the network has an operation (${name}) that can't be written as ONNX`);
    }
  }

  /** Works in either order, in that of its largest input. */
  private addByNumber({ name, inputs, attributes, outputs }: TracedKernel): void {
    const more: Record<string, OnnxAttribute> =
      name === 'LeakyRelu' ? { alpha: { float: attributes.alpha as number } } : {};
    const first = inputs.some((input) => this.channelsFirst.has(input) && !this.plain.has(input));
    const names = inputs.map((input) => (first ? this.withChannelsFirst(input) : this.inPlainOrder(input)));
    const y = this.node(BY_NUMBER[name], names, more);
    (first ? this.channelsFirst : this.plain).set(outputs[0], y);
  }

  private addJoin({ name, inputs, attributes, outputs }: TracedKernel): void {
    const axis = attributes.axis as number;
    const first = this.channelsFirst.has(inputs[0]) && !this.plain.has(inputs[0]);
    const names = inputs.map((input) => (first ? this.withChannelsFirst(input) : this.inPlainOrder(input)));
    const named = first ? this.channelsFirst : this.plain;
    const at = { axis: first ? TO_CHANNELS_FIRST.indexOf(axis) : axis };
    if (name === 'Concat') {
      named.set(outputs[0], this.node('Concat', names, at));
      return;
    }
    const sizes = this.integers(attributes.numOrSizeSplits as number[]);
    const parts = outputs.map(() => this.newName());
    this.nodes.push(onnxNode('Split', [...names, sizes], parts, at));
    parts.forEach((part, place) => {
      named.set(outputs[place], part);
    });
  }

  private withChannelsFirst(place: number): string {
    const { shape, values } = this.trace.values[place];
    const known = this.channelsFirst.get(place);
    if (known !== undefined) return known;
    if (values && shape.length <= 1) {
      // One number a channel, or one for all.
      return this.floats(shape.length === 0 ? [] : [1, shape[0], 1, 1], Float32Array.from(values));
    }
    if (shape.length !== 4)
      throw new UserError("the network mixes axes in a way that can't be written as ONNX");
    const y = values
      ? this.constant(place, TO_CHANNELS_FIRST)
      : this.node('Transpose', [this.inPlainOrder(place)], { perm: TO_CHANNELS_FIRST });
    this.channelsFirst.set(place, y);
    return y;
  }

  private inPlainOrder(place: number): string {
    const { shape, values } = this.trace.values[place];
    const known = this.plain.get(place);
    if (known !== undefined) return known;
    const y = values
      ? this.floats(shape, Float32Array.from(values))
      : this.node('Transpose', [this.channelsFirst.get(place)!], { perm: TO_CHANNELS_LAST });
    this.plain.set(place, y);
    return y;
  }

  /** A constant of four axes in another order of them. */
  private constant(place: number, order: readonly number[]): string {
    const { shape, values } = this.trace.values[place];
    if (!values) throw new UserError("the network computes its filters, which can't be written as ONNX");
    const ordered = order.map((axis) => shape[axis]);
    const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
    const [a, b, c, d] = order.map((axis) => steps[axis]);
    const moved = new Float32Array(values.length);
    let at = 0;
    for (let i = 0; i < ordered[0]; i++) {
      for (let j = 0; j < ordered[1]; j++) {
        for (let k = 0; k < ordered[2]; k++) {
          for (let l = 0; l < ordered[3]; l++) moved[at++] = values[i * a + j * b + k * c + l * d];
        }
      }
    }
    return this.floats(ordered, moved);
  }

  private node(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
  ): string {
    const y = this.newName();
    this.nodes.push(onnxNode(type, inputs, [y], attributes));
    return y;
  }

  private floats(shape: readonly number[], values: Float32Array): string {
    const name = this.newName();
    this.constants.push(onnxTensor(name, shape, values));
    return name;
  }

  private integers(values: readonly number[]): string {
    const name = this.newName();
    this.constants.push(onnxTensor(name, [values.length], values));
    return name;
  }

  private newName(): string {
    return `t${++this.made}`;
  }
}

function pair(value: unknown): number[] {
  return Array.isArray(value) ? [...value] : [value as number, value as number];
}
