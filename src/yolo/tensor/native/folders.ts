import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readEnvironment } from '../../core/environment';
import { ADDON_PATCH } from './addonPatch';
import { bindingGyp, NAPI_VERSION, STDERR_GATE_SOURCE } from './recipe';
import { type Runtime, type Target, TENSORFLOW_VERSION, type Wheel, wheelsOf } from './wheel';

/** Where the parts of the native runtime lie in the cache. All of it can be deleted and made again. */
export interface Folders {
  /** Holds everything below, and the lock. */
  readonly root: string;
  /** TensorFlow's (and NVIDIA's) libraries, and headers. */
  readonly runtime: string;
  /** The addon, with a link to the libraries. */
  readonly addon: string;
  /** A downloaded wheel; removed when it is unpacked. */
  readonly wheel: (wheel: Wheel) => string;
  /** An unpacked wheel; removed when the runtime is whole. */
  readonly part: (wheel: Wheel) => string;
}

/**
 * Folders of a runtime. Their names say what is in them, so that another version never meets an old one's.
 *
 * @param runtime - With or without CUDA.
 * @param target - The system that they are for.
 * @param tfjsVersion - Version of tfjs-node-gpu, whose addon is built.
 * @param cacheFolder - Default: from the environment.
 */
export function nativeFolders(
  runtime: Runtime,
  target: Target,
  tfjsVersion: string,
  cacheFolder: string = readEnvironment().cacheFolder,
): Folders {
  const root = join(cacheFolder, 'native');
  const key = `tensorflow-${TENSORFLOW_VERSION}-${runtime}-${shortHash(wheelsOf(runtime, target).map((wheel) => wheel.sha256))}`;
  const recipe = shortHash([JSON.stringify(bindingGyp(target)), STDERR_GATE_SOURCE, ADDON_PATCH]);
  const nameOf = (wheel: Wheel) => `${wheel.name}-${wheel.version}-${wheel.sha256.slice(0, 8)}`;
  return {
    root,
    runtime: join(root, key),
    addon: join(root, `tfjs-node-${tfjsVersion}-napi${NAPI_VERSION}-${recipe}-${key}`),
    wheel: (wheel) => join(root, `wheel-${nameOf(wheel)}`),
    part: (wheel) => join(root, `part-${nameOf(wheel)}`),
  };
}

function shortHash(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 8);
}
