import * as tf from '@tensorflow/tfjs';

/** One attribute of a TensorFlow operation. */
interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** What tfjs-node's backend can do beyond the interface all backends share. */
interface NativeBackend {
  readonly binding: Readonly<
    Record<
      | 'TF_ATTR_TYPE'
      | 'TF_ATTR_INT'
      | 'TF_ATTR_FLOAT'
      | 'TF_ATTR_BOOL'
      | 'TF_ATTR_STRING'
      | 'TF_ATTR_SHAPE'
      | 'TF_FLOAT',
      number
    >
  >;
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/** Attribute values by name. Lists of strings or types can be passed if the addon is the one that our set-up makes. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
type AttributeValue =
  | { type: 'float32' }
  | { types: readonly 'float32'[] }
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { bool: boolean }
  | { string: string }
  | { shape: readonly number[] }
  | { strings: readonly string[] };

/** The attribute that most operations have: T = float32. */
export const FLOAT32 = { type: 'float32' } as const;

/** Whether TensorFlow's own kernels can be called: the current backend is the native one. */
export function isNative(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** Whether the native backend computes on a GPU. */
export function isOnGpu(): boolean {
  return nativeBackend().isUsingGpuDevice;
}

/**
 * Run one of TensorFlow's kernels by name on the native backend. The results are tracked like any other tensor's: in
 * a tidy they are freed with it.
 *
 * @param name - Of the operation in TensorFlow's registry, such as `ReluGrad`.
 */
export function runKernel(name: string, attributes: Attributes, inputs: tf.Tensor[]): tf.Tensor {
  const backend = nativeBackend();
  return backend.executeSingleOutput(name, encode(backend, attributes), inputs);
}

/** As {@link runKernel}, for operations with several results. */
export function runKernelWithOutputs(
  name: string,
  attributes: Attributes,
  inputs: tf.Tensor[],
  outputs: number,
): tf.Tensor[] {
  const backend = nativeBackend();
  return backend.executeMultipleOutputs(name, encode(backend, attributes), inputs, outputs);
}

function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

function encode({ binding }: NativeBackend, attributes: Attributes): Attribute[] {
  return Object.entries(attributes).map(([name, value]) => {
    if ('type' in value) {
      return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    }
    if ('types' in value) {
      return { name, type: binding.TF_ATTR_TYPE, value: value.types.map(() => binding.TF_FLOAT) };
    }
    if ('int' in value) {
      return { name, type: binding.TF_ATTR_INT, value: value.int };
    }
    if ('ints' in value) {
      return { name, type: binding.TF_ATTR_INT, value: [...value.ints] };
    }
    if ('float' in value) {
      return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
    }
    if ('bool' in value) {
      return { name, type: binding.TF_ATTR_BOOL, value: value.bool };
    }
    if ('shape' in value) {
      return { name, type: binding.TF_ATTR_SHAPE, value: [...value.shape] };
    }
    if ('strings' in value) {
      return { name, type: binding.TF_ATTR_STRING, value: [...value.strings] };
    }
    return { name, type: binding.TF_ATTR_STRING, value: value.string };
  });
}
