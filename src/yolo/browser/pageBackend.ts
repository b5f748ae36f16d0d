import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { takeData } from '../tensor/takeData';

/** What computes in a page. */
export type PageBackend = 'webgpu' | 'webgl' | 'wasm';

/** Addresses of the wasm backend's files; in a page from disk they are `data:` addresses, since nothing else is read. */
export interface WasmAddresses {
  readonly plain: string;
  readonly simd: string;
}

/** A backend that there is, and how fast it is. */
export interface MeasuredBackend {
  readonly name: PageBackend;
  /** Of the convolutions that are tried, milliseconds. */
  readonly milliseconds: number;
}

/** The processor first: it says how slow a GPU may be before it is not worth trying further. */
const BACKENDS: readonly PageBackend[] = ['wasm', 'webgpu', 'webgl'];
/** The network's commonest convolution, .12 billion multiply-adds, and how many of them are tried: an 18th of the network. */
const TRIED = { side: 56, channels: 64, layers: 4 };

/** Says where the wasm backend's files are; before anything else here. Threads, which a page from disk can't start, stay off. */
export function prepareWasm({ plain, simd }: WasmAddresses): void {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    // Never read without threads, but every name must be given.
    'tfjs-backend-wasm-threaded-simd.wasm': simd,
  });
}

/** Makes a backend the current one. @returns Whether this browser and machine have it. */
export async function startBackend(name: PageBackend): Promise<boolean> {
  try {
    return (name !== 'webgpu' || (await hasAdapter())) && (await tf.setBackend(name));
  } catch {
    return false;
  }
}

/** TensorFlow.js asks for an adapter as well, but does not expect that there is none. */
async function hasAdapter(): Promise<boolean> {
  const { gpu } =
    (globalThis as { navigator?: { gpu?: { requestAdapter(): Promise<unknown> } } }).navigator ?? {};
  return Boolean(await gpu?.requestAdapter());
}

/**
 * The backends that there are, the fastest first, by a few convolutions on each: a GPU that a browser only pretends to have
 * is slower than wasm.
 *
 * @param now - A clock, milliseconds.
 */
export async function measureBackends(now: () => number): Promise<MeasuredBackend[]> {
  const measured: MeasuredBackend[] = [];
  for (const name of BACKENDS) {
    if (!(await startBackend(name))) continue;
    const fastest = Math.min(...measured.map(({ milliseconds }) => milliseconds));
    const milliseconds = await timeOf(now, fastest).catch(() => undefined);
    if (milliseconds !== undefined) measured.push({ name, milliseconds });
  }
  return measured.sort((a, b) => a.milliseconds - b.milliseconds);
}

/** @param fastest - Of other backends: what takes this long for one convolution is not tried with all of them. */
async function timeOf(now: () => number, fastest: number): Promise<number> {
  const { side, channels, layers } = TRIED;
  const images = tf.zeros<tf.Rank.R4>([1, side, side, channels]);
  const filter = tf.zeros<tf.Rank.R4>([3, 3, channels, channels]);
  const run = async (count: number) => {
    const since = now();
    const sum = tf.tidy(() => {
      let map = images;
      for (let layer = 0; layer < count; layer++) map = map.conv2d(filter, 1, 'same');
      return map.sum();
    });
    await takeData(sum);
    return now() - since;
  };
  try {
    // The first pass of a GPU compiles its programs.
    await run(1);
    const one = await run(1);
    if (one > fastest) return one * layers;
    return Math.min(await run(layers), await run(layers));
  } finally {
    tf.dispose([images, filter]);
  }
}
