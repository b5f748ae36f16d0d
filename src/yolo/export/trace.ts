import * as tf from '@tensorflow/tfjs';
import { replaceKernels } from '../tensor/replaceKernels';
import { KERNEL_SHAPES } from './kernelShapes';

/** A tensor of a traced computation. */
export interface TracedValue {
  /** With {@link TRACED_BATCH} for the number of pictures. */
  readonly shape: readonly number[];
  /** Of a constant. */
  readonly values?: Float32Array | Int32Array;
}

/** One kernel of TensorFlow.js that ran; tensors by their place in {@link Trace.values}. */
export interface TracedKernel {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly number[];
}

/** A computation as the kernels that it calls, in the order in which they run. */
export interface Trace {
  readonly values: readonly TracedValue[];
  readonly kernels: readonly TracedKernel[];
  readonly input: number;
  readonly output: number;
}

/** Stands for the number of pictures: a prime that no other axis of a network has or is a multiple of. */
export const TRACED_BATCH = 7919;

const BACKEND = 'trace';
let current: Tracer | undefined;

/**
 * Notes which kernels a computation calls, without computing anything.
 *
 * @param shape - Of one picture of the input, `[height, width, channels]`.
 * @throws Error naming the first kernel whose result's shape is not known here.
 */
export async function trace(
  forward: (input: tf.Tensor4D) => tf.Tensor,
  shape: readonly number[],
): Promise<Trace> {
  const before = tf.getBackend();
  const tracer = new Tracer();
  current = tracer;
  tf.registerBackend(BACKEND, () => tracer);
  replaceKernels(
    BACKEND,
    Object.fromEntries(
      Object.entries(KERNEL_SHAPES).map(([name, shapesOf]) => [
        name,
        ({ inputs, attrs }) => current!.note(name, Object.values(inputs).flat(), attrs, shapesOf),
      ]),
    ),
  );
  await tf.setBackend(BACKEND);
  try {
    const input = tracer.make([TRACED_BATCH, ...shape]);
    const images = tf.engine().makeTensorFromTensorInfo(input) as tf.Tensor4D;
    const output = forward(images);
    const kernels = tracer.kernels;
    const found = { input: tracer.placeOf(input.dataId), output: tracer.placeOf(output.dataId) };
    tf.dispose([images, output]);
    return { values: tracer.values, kernels, ...found };
  } finally {
    // Constants that were moved here go back where they are used next.
    await tf.setBackend(before);
    tf.removeBackend(BACKEND);
    current = undefined;
  }
}

/** A backend that keeps constants and notes kernels. */
class Tracer extends tf.KernelBackend {
  readonly values: TracedValue[] = [];
  readonly kernels: TracedKernel[] = [];
  private readonly places = new tf.DataStorage<number>(this, tf.engine());

  placeOf(dataId: object): number {
    return this.places.get(dataId);
  }

  make(shape: readonly number[], values?: TracedValue['values'], dataId: object = {}): tf.TensorInfo {
    this.places.set(dataId, this.values.length);
    this.values.push({ shape, ...(values ? { values } : {}) });
    return { dataId, shape: [...shape], dtype: 'float32' };
  }

  note(
    name: string,
    inputs: readonly tf.TensorInfo[],
    attributes: Readonly<Record<string, unknown>>,
    shapesOf: (typeof KERNEL_SHAPES)[string],
  ): tf.TensorInfo {
    const places = inputs.map(({ dataId }) => this.placeOf(dataId));
    const made = shapesOf(
      inputs.map(({ shape }) => shape),
      attributes,
    ).map((shape) => this.make(shape));
    this.kernels.push({
      name,
      inputs: places,
      attributes,
      outputs: made.map((info) => this.placeOf(info.dataId)),
    });
    return (name === 'SplitV' ? made : made[0]) as tf.TensorInfo;
  }

  override write(values: tf.BackendValues, shape: number[]): object {
    return this.make(shape, numbersOf(values)).dataId;
  }

  override move(dataId: object, values: tf.BackendValues, shape: number[]): void {
    this.make(shape, numbersOf(values), dataId);
  }

  override readSync(dataId: object): Float32Array | Int32Array {
    const { values } = this.values[this.placeOf(dataId)];
    if (!values) throw new Error('trace: a value that is not computed was asked for');
    return values;
  }

  override async read(dataId: object): Promise<Float32Array | Int32Array> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: object): boolean {
    if (this.places.has(dataId)) this.places.delete(dataId);
    return true;
  }

  override refCount(): number {
    return 1;
  }

  override dispose(): void {}

  override incRef(): void {}

  decRef(): void {}

  override numDataIds(): number {
    return this.places.numDataIds();
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }
}

function numbersOf(values: tf.BackendValues): Float32Array | Int32Array {
  return values instanceof Int32Array ? values : Float32Array.from(values as ArrayLike<number>);
}
