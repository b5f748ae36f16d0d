import * as tf from '@tensorflow/tfjs';
import { isNative } from './native';

/** TensorFlow's number of the type of 16 bits: IEEE half precision, 11 bits of them significant, up to 65504. */
const HALF = 19;

/** What of tfjs-node's backend reaches types that TensorFlow.js does not know. */
interface RawBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    executeOp(name: string, attributes: object[], inputs: number[], outputs: number): RawTensor[];
  };
  getInputTensorIds(tensors: tf.Tensor[]): number[];
  createOutputTensor(raw: RawTensor): tf.Tensor;
}

interface RawTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** Whether tensors can be kept in 16 bits: on the native backend. */
export function keepsHalfBits(): boolean {
  return isNative();
}

/**
 * A tensor's numbers in 16 bits. It passes for one of half as many whole numbers, so that its bytes are counted right;
 * only {@link unpacked} can read it.
 *
 * @param x - Float32, up to 65504 in size.
 */
export function packed(x: tf.Tensor): tf.Tensor {
  const backend = rawBackend();
  const { TF_FLOAT, TF_INT32 } = backend.binding;
  const [raw] = cast(backend, x, TF_FLOAT, HALF);
  return backend.createOutputTensor({ id: raw.id, shape: [Math.ceil(x.size / 2)], dtype: TF_INT32 });
}

/** The float32 tensor that was {@link packed}, rounded; the caller disposes it. */
export function unpacked(x: tf.Tensor): tf.Tensor {
  const backend = rawBackend();
  return backend.createOutputTensor(cast(backend, x, HALF, backend.binding.TF_FLOAT)[0]);
}

function rawBackend(): RawBackend {
  return tf.backend() as unknown as RawBackend;
}

function cast(backend: RawBackend, x: tf.Tensor, from: number, to: number): RawTensor[] {
  const { TF_ATTR_TYPE, TF_ATTR_BOOL } = backend.binding;
  const attributes = [
    { name: 'SrcT', type: TF_ATTR_TYPE, value: from },
    { name: 'DstT', type: TF_ATTR_TYPE, value: to },
    { name: 'Truncate', type: TF_ATTR_BOOL, value: false },
  ];
  return backend.binding.executeOp('Cast', attributes, backend.getInputTensorIds([x]), 1);
}

/** Packed tensors of the forward pass that goes on, by the memory they were made of: many gradients read the same. */
let shared: Map<object, tf.Tensor> | undefined;

/**
 * Run a forward pass whose operations keep their activations in 16 bits for the backward pass.
 *
 * @throws Error on another backend than the native one.
 */
export function keepingHalfBits<T>(forward: () => T): T {
  if (!keepsHalfBits()) throw new Error('keepingHalfBits: needs the native backend');
  const outer = shared;
  shared = new Map();
  try {
    return forward();
  } finally {
    tf.dispose([...shared.values()]);
    shared = outer;
  }
}

/** Whether activations are to be kept in 16 bits now. */
export function isKeepingHalfBits(): boolean {
  return shared !== undefined;
}

/** An activation as it is kept: packed, and the same for everyone who keeps it. */
export function keptInHalfBits(x: tf.Tensor): tf.Tensor {
  let kept = shared!.get(x.dataId);
  if (!kept) {
    kept = tf.keep(packed(x));
    shared!.set(x.dataId, kept);
  }
  return kept;
}
