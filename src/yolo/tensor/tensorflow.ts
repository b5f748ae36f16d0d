import { readEnvironment, setUnlessGiven } from '../core/environment';
import { messageOf, UserError } from '../core/errors';
import { withoutInformation } from './native/stderrGate';

/** Newest major version of Node that tfjs-node 4.22 runs on: 23 dropped `util.isNullOrUndefined`, which it calls. */
const NEWEST_NODE = 22;

/** What the native backend object of tfjs-node tells beyond tfjs's own interface. */
interface NativeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

/**
 * Loads native TensorFlow and makes it the current backend.
 *
 * @throws {@link UserError} that says in one line why it can't be loaded and what to do.
 */
export function loadTensorFlow(): { version: string; device: 'cpu' | 'cuda'; note: string } {
  const refused = nodeRefused(process.versions.node);
  if (refused) throw new UserError(refused);
  setUnlessGiven({
    // Errors only. TensorFlow otherwise warns of every large allocation.
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Take GPU memory as it is needed, not all of it at once: the memory guard plans with what is really used.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // oneDNN's name for it: float32 stays the type of every tensor, products are computed from rounded factors.
    ...(readEnvironment().bfloat16 ? { ONEDNN_DEFAULT_FPMATH_MODE: 'BF16' } : {}),
  });
  replaceDeprecated();
  let native: typeof import('@tensorflow/tfjs-node-gpu');
  try {
    native = withoutInformation(() => require('@tensorflow/tfjs-node-gpu') as typeof native);
  } catch (error) {
    throw new UserError(whyNotLoaded(messageOf(error)));
  }
  const backend = native.backend() as unknown as NativeBackend;
  const mathMode = readEnvironment().oneDnnMathMode;
  return {
    version: backend.binding.TF_Version,
    device: backend.isUsingGpuDevice ? 'cuda' : 'cpu',
    note: mathMode ? `convolutions in ${mathMode} (ONEDNN_DEFAULT_FPMATH_MODE)` : '',
  };
}

/** Functions of `util` that tfjs-node 4.22 calls and of which Node 22 warns: these say the same without a warning. */
function replaceDeprecated(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/**
 * Why native TensorFlow can't run on this Node, or undefined if it can.
 *
 * @param version - As in `process.versions.node`.
 */
export function nodeRefused(version: string): string | undefined {
  if (Number.parseInt(version, 10) <= NEWEST_NODE) return undefined;
  return `Node ${version} cannot load native TensorFlow (tfjs-node 4.22 calls a function that Node 23 removed); use Node 20 or 22`;
}

/**
 * One line from what Node said when the addon didn't load.
 *
 * @param message - Message of the error.
 */
export function whyNotLoaded(message: string): string {
  const missing = /native addon module|Cannot find module/.test(message);
  if (missing) return 'native TensorFlow is not set up; run: npx yolov1 setup';
  return `native TensorFlow does not load (${message}); run: npx yolov1 setup --force`;
}
