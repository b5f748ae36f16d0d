import { UserError } from '../core/errors';
import { TRACED_BATCH, type Trace, type TracedKernel } from './trace';

/** A graph model of TensorFlow.js: `model.json` and the file of weights that it names. */
export interface TfjsModel {
  readonly json: object;
  readonly weights: Buffer;
}

/** Name of the file with all weights. */
export const TFJS_WEIGHTS = 'weights.bin';

type Attribute = Readonly<Record<string, unknown>>;

/** Kernels that become one node of the same meaning, by TensorFlow's name. */
const OPERATIONS: Readonly<Record<string, string>> = {
  Add: 'AddV2',
  Sub: 'Sub',
  Multiply: 'Mul',
  Relu: 'Relu',
  LeakyRelu: 'LeakyRelu',
  Sigmoid: 'Sigmoid',
  Softplus: 'Softplus',
  Identity: 'Identity',
  Conv2D: 'Conv2D',
  MaxPool: 'MaxPool',
  PadV2: 'PadV2',
  Reshape: 'Reshape',
  Transpose: 'Transpose',
  BatchMatMul: 'BatchMatMulV2',
  Concat: 'ConcatV2',
  SplitV: 'SplitV',
};

const FLOAT = { type: 'DT_FLOAT' };
const text = (value: string): Attribute => ({ s: Buffer.from(value).toString('base64') });
const integers = (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });

/**
 * A traced network as a graph model that `tf.loadGraphModel` reads, in a browser or elsewhere: input `images`
 * `[batch, height, width, 3]`, ImageNet-normalised, output `predictions`, both as the network has them.
 *
 * @param facts - Stored as the model's own metadata, such as classes and how outputs are coded.
 * @throws {@link UserError} if the network has an operation that has no counterpart here.
 */
export function tfjsModel(trace: Trace, facts: object): TfjsModel {
  const graph = new TfjsGraph(trace);
  const json = {
    format: 'graph-model',
    generatedBy: 'yolov1',
    convertedBy: null,
    userDefinedMetadata: facts,
    modelTopology: { node: graph.nodes, versions: {} },
    weightsManifest: [{ paths: [TFJS_WEIGHTS], weights: graph.manifest }],
  };
  return { json, weights: Buffer.concat(graph.parts) };
}

class TfjsGraph {
  readonly nodes: object[] = [];
  readonly manifest: object[] = [];
  readonly parts: Buffer[] = [];
  private readonly names = new Map<number, string>();

  constructor(private readonly trace: Trace) {
    const { values, kernels, input, output } = trace;
    const shape = { dim: [-1, ...values[input].shape.slice(1)].map((size) => ({ size: String(size) })) };
    this.nodes.push({ name: 'images', op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape } } });
    this.names.set(input, 'images');
    for (const kernel of kernels) this.add(kernel);
    this.nodes.push({
      name: 'predictions',
      op: 'Identity',
      input: [this.nameOf(output)],
      attr: { T: FLOAT },
    });
  }

  private add(kernel: TracedKernel): void {
    const op = OPERATIONS[kernel.name];
    if (op === undefined) {
      throw new UserError(
        `the network has an operation (${kernel.name}) that can't be written for TensorFlow.js`,
      );
    }
    const name = `t${this.nodes.length}`;
    const { more = [], attr = {} } = this.detailsOf(kernel, name);
    const inputs = [...kernel.inputs.map((place) => this.nameOf(place)), ...more];
    this.nodes.push({ name, op, input: inputs, attr: { T: FLOAT, ...attr } });
    kernel.outputs.forEach((place, output) => {
      this.names.set(place, output === 0 ? name : `${name}:${output}`);
    });
  }

  /** Inputs that TensorFlow takes where TensorFlow.js has attributes, and the attributes that are left. */
  private detailsOf(
    { name, inputs, attributes, outputs }: TracedKernel,
    node: string,
  ): { more?: string[]; attr?: Record<string, Attribute> } {
    const list = (values: readonly number[], shape = [values.length]) =>
      this.constant(`${node}/${this.nodes.length}`, shape, Int32Array.from(values), true);
    if (name === 'Conv2D' || name === 'MaxPool') {
      const [down, right] = pair(attributes.strides);
      const plain = {
        strides: integers([1, down, right, 1]),
        padding: text('VALID'),
        data_format: text('NHWC'),
      };
      if (name === 'Conv2D') return { attr: { ...plain, dilations: integers([1, 1, 1, 1]) } };
      return { attr: { ...plain, ksize: integers([1, ...pair(attributes.filterSize), 1]) } };
    }
    if (name === 'LeakyRelu') return { attr: { alpha: { f: attributes.alpha } } };
    if (name === 'PadV2') {
      const paddings = attributes.paddings as [number, number][];
      const value = Float32Array.of(attributes.constantValue as number);
      return {
        more: [list(paddings.flat(), [paddings.length, 2]), this.constant(`${node}/value`, [], value, false)],
      };
    }
    if (name === 'Reshape') {
      const { shape } = this.trace.values[outputs[0]];
      return { more: [list(shape.map((size) => (size % TRACED_BATCH === 0 ? -1 : size)))] };
    }
    if (name === 'Transpose') return { more: [list(attributes.perm as number[])] };
    if (name === 'Concat') {
      return { more: [list([attributes.axis as number], [])], attr: { N: { i: String(inputs.length) } } };
    }
    if (name === 'SplitV') {
      const sizes = attributes.numOrSizeSplits as number[];
      const more = [
        list(sizes),
        this.constant(`${node}/axis`, [], Int32Array.of(attributes.axis as number), true),
      ];
      return { more, attr: { num_split: { i: String(sizes.length) } } };
    }
    return {};
  }

  private nameOf(place: number): string {
    const known = this.names.get(place);
    if (known !== undefined) return known;
    const { shape, values } = this.trace.values[place];
    const name = this.constant(`c${place}`, shape, Float32Array.from(values!), false);
    this.names.set(place, name);
    return name;
  }

  private constant(
    name: string,
    shape: readonly number[],
    values: Float32Array | Int32Array,
    whole: boolean,
  ): string {
    const type = whole ? 'DT_INT32' : 'DT_FLOAT';
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    const attr = { dtype: { type }, value: { tensor: { dtype: type, tensorShape } } };
    this.nodes.push({ name, op: 'Const', attr });
    this.manifest.push({ name, shape, dtype: whole ? 'int32' : 'float32' });
    this.parts.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    return name;
  }
}

function pair(value: unknown): [number, number] {
  return Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number];
}
