import { Message } from './protobuf';

/** Numbers of `TensorProto.DataType`. */
const FLOAT = 1;
const INT64 = 7;

/** An attribute of a node: a whole number, several, or a number of 4 bytes. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number };

/** A node (`NodeProto`) of an ONNX graph; its one result is called as it is. */
export function onnxNode(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): Message {
  const node = new Message();
  for (const input of inputs) node.bytes(1, input);
  for (const output of outputs) node.bytes(2, output);
  node.bytes(3, outputs[0]).bytes(4, type);
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new Message().bytes(1, name);
    if (typeof value === 'number') attribute.integer(3, value).integer(20, 2);
    else if ('float' in value) attribute.float(2, value.float).integer(20, 1);
    else {
      for (const item of value) attribute.integer(8, item);
      attribute.integer(20, 7);
    }
    node.bytes(5, attribute);
  }
  return node;
}

/** A constant (`TensorProto`) of 4-byte numbers, or of whole numbers, which ONNX holds in 8 bytes. */
export function onnxTensor(
  name: string,
  shape: readonly number[],
  values: Float32Array | readonly number[],
): Message {
  const tensor = new Message();
  for (const size of shape) tensor.integer(1, size);
  if (values instanceof Float32Array) {
    return tensor
      .integer(2, FLOAT)
      .bytes(8, name)
      .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return tensor
    .integer(2, INT64)
    .bytes(8, name)
    .bytes(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}

/** An input or output (`ValueInfoProto`) of 4-byte numbers; an axis may have a name in place of a size. */
export function onnxValue(name: string, shape: readonly (number | string)[]): Message {
  const axes = new Message();
  for (const size of shape) {
    const axis = new Message();
    axes.bytes(1, typeof size === 'number' ? axis.integer(1, size) : axis.bytes(2, size));
  }
  const tensor = new Message().integer(1, FLOAT).bytes(2, axes);
  return new Message().bytes(1, name).bytes(2, new Message().bytes(1, tensor));
}
