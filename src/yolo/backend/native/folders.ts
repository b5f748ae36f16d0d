import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readEnvironment } from '../../environment';
import { type Runtime, TENSORFLOW_VERSION, WHEELS, type Wheel } from './wheel';

/** Version of Node's stable C interface that the addon is built for; the newest that tfjs-node 4.22 names. */
export const NAPI_VERSION = 8;

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
 * @param tfjsVersion - Version of tfjs-node-gpu, whose addon is built.
 * @param cacheFolder - Default: from the environment.
 */
export function nativeFolders(
  runtime: Runtime,
  tfjsVersion: string,
  cacheFolder: string = readEnvironment().cacheFolder,
): Folders {
  const root = join(cacheFolder, 'native');
  const hashes = WHEELS[runtime].map((wheel) => wheel.sha256).join();
  const key = `tensorflow-${TENSORFLOW_VERSION}-${runtime}-${createHash('sha256').update(hashes).digest('hex').slice(0, 8)}`;
  const nameOf = (wheel: Wheel) => `${wheel.name}-${wheel.version}-${wheel.sha256.slice(0, 8)}`;
  return {
    root,
    runtime: join(root, key),
    addon: join(root, `tfjs-node-${tfjsVersion}-napi${NAPI_VERSION}-${key}`),
    wheel: (wheel) => join(root, `wheel-${nameOf(wheel)}`),
    part: (wheel) => join(root, `part-${nameOf(wheel)}`),
  };
}
