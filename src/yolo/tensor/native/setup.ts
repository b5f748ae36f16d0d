import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../../core/errors';
import { withLock } from '../../core/lock';
import { nodeRefused } from '../tensorflow';
import { makeAddon } from './addon';
import { pipDownloader } from './download';
import { extract } from './extract';
import { type Folders, nativeFolders } from './folders';
import { installedPackage, isLinked, link } from './link';
import { detectGpus, detectPlatform, platformRefused, runtimeFor, targetOf } from './platform';
import { run } from './program';
import { makeRuntime, type Progress } from './runtime';
import { isComplete, removePartials } from './stage';
import { findTools, missingTools } from './tools';
import {
  downloadMegabytes,
  installedMegabytes,
  type Runtime,
  type Target,
  TENSORFLOW_VERSION,
  wheelsOf,
} from './wheel';

/** What a set-up shall do. */
export interface SetupOptions {
  /** Default: `cuda` where nvidia-smi shows a GPU, else `cpu`. */
  readonly runtime?: Runtime;
  /** Make everything again. */
  readonly force: boolean;
  readonly progress: Progress;
}

/** What a set-up did. */
export interface SetupResult {
  readonly runtime: Runtime;
  /** False: everything was in place. */
  readonly changed: boolean;
  /** Folder that holds it. */
  readonly folder: string;
}

/**
 * Sets up native TensorFlow for tfjs-node: its libraries and the addon in the cache, a link in node_modules.
 * Only what is missing is done; an interrupted set-up goes on where it stopped.
 *
 * @throws {@link UserError} that says why it can't be done here, and what to do.
 */
export async function setUpNative({ runtime: wanted, force, progress }: SetupOptions): Promise<SetupResult> {
  const platform = detectPlatform();
  const refused = nodeRefused(process.versions.node) ?? platformRefused(platform);
  if (refused) throw new UserError(refused);
  const target = targetOf(platform);
  if (wanted === 'cuda' && target !== 'linux-x64') {
    throw new UserError(
      `--runtime is cuda, which TensorFlow has for linux-x64 only; this is ${target}, leave it out`,
    );
  }
  const runtime = wanted ?? runtimeFor(await detectGpus(), target);
  const { folder: packageFolder, version } = installedPackage();
  const folders = nativeFolders(runtime, target, version);
  const inPlace = () => isComplete(folders.runtime) && isComplete(folders.addon);
  if (!force && inPlace() && isLinked(packageFolder, folders)) {
    return { runtime, changed: false, folder: folders.root };
  }
  await onThisDisk(folders.root, () =>
    withLock(
      join(folders.root, 'lock'),
      (holder) => progress.say(`Waiting for another set-up (${holder})`),
      async () => {
        removePartials(folders.root);
        if (force)
          for (const folder of [folders.addon, folders.runtime])
            rmSync(folder, { recursive: true, force: true });
        if (!inPlace()) await make({ runtime, target }, packageFolder, folders, progress);
        progress.step('Linking it into node_modules');
        link(packageFolder, folders);
        progress.step('Trying it');
        await tryIt();
      },
    ),
  );
  return { runtime, changed: true, folder: folders.root };
}

/** What the disk refuses (no room, no right to write) is for the user to mend. */
async function onThisDisk(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UserError(
      `native TensorFlow cannot be set up in ${folder}: ${error.message}; make it writable, or set YOLOV1_CACHE to another folder`,
    );
  }
}

async function make(
  { runtime, target }: { runtime: Runtime; target: Target },
  packageFolder: string,
  folders: Folders,
  progress: Progress,
): Promise<void> {
  const tools = await findTools();
  const { python, compiler } = tools;
  const missing = missingTools(tools);
  if (missing || !python || !compiler) throw new UserError(missing ?? '');
  if (!isComplete(folders.runtime)) await announce({ runtime, target }, folders, progress);
  await makeRuntime(
    wheelsOf(runtime, target),
    folders,
    pipDownloader(python, target),
    (wheel, folder) => extract(python, wheel, folder),
    progress,
  );
  await makeAddon(target, packageFolder, folders, python, compiler, progress);
}

/** Says what is about to be fetched, and refuses if the disk is too small for it. */
async function announce(
  { runtime, target }: { runtime: Runtime; target: Target },
  folders: Folders,
  progress: Progress,
): Promise<void> {
  const wheels = wheelsOf(runtime, target);
  const left = wheels.filter(
    (wheel) => !isComplete(folders.part(wheel)) && !isComplete(folders.wheel(wheel)),
  );
  const largest = Math.max(...wheels.map((wheel) => wheel.megabytes));
  const needed = installedMegabytes(runtime, target);
  progress.say(
    `Native TensorFlow ${TENSORFLOW_VERSION} for ${runtime === 'cuda' ? 'NVIDIA GPUs (CUDA 12)' : 'the processor'}: ` +
      `downloads ${downloadMegabytes(left)} MB, takes ${needed} MB in ${folders.root}, compiles one addon`,
  );
  mkdirSync(folders.root, { recursive: true });
  const { bavail, bsize } = await statfs(folders.root);
  const free = Math.floor((bavail * bsize) / 1e6);
  // Parts that an interrupted set-up left count as free: they need not be written again.
  const done = wheels.filter((wheel) => existsSync(folders.part(wheel)));
  const spared = (needed * downloadMegabytes(done)) / downloadMegabytes(wheels);
  if (free < needed + largest - spared) {
    throw new UserError(
      `native TensorFlow needs ${Math.ceil(needed + largest - spared)} MB in ${folders.root}, which has ${free} MB free; make room or set YOLOV1_CACHE to a folder on a larger disk`,
    );
  }
}

/** In a process of its own, since a library that doesn't fit the machine may end the process that loads it. */
async function tryIt(): Promise<void> {
  const script = `const tf = require(${JSON.stringify(installedPackage().folder)});
    if (tf.add(1, 2).dataSync()[0] !== 3) throw new Error('1 + 2 is not 3');`;
  try {
    await run(process.execPath, ['-e', script], {});
  } catch (error) {
    throw new UserError(`native TensorFlow was set up but does not run: ${messageOf(error)}`);
  }
}
