import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Downloader, download, WHEEL_FILE } from './download';
import type { Folders } from './folders';
import { fileSizes, stage } from './stage';
import type { Wheel } from './wheel';

/** Unpacks a wheel into an empty folder. */
export type Extractor = (wheel: string, folder: string) => Promise<void>;

/** Hears how far the work is. */
export interface Progress {
  /** Something to know before the next step. */
  readonly say: (text: string) => void;
  /** A step begins. */
  readonly step: (text: string) => void;
  /** How far the step is, such as `120 of 274 MB`; replaced by the next. */
  readonly detail: (text: string) => void;
}

/**
 * Puts a runtime's libraries together. Interrupted, it goes on at the wheel where it stopped; a wheel is deleted
 * as soon as it is unpacked, so that little more disk is used than the libraries take.
 */
export async function makeRuntime(
  wheels: readonly Wheel[],
  folders: Folders,
  downloader: Downloader,
  extractor: Extractor,
  progress: Progress,
): Promise<void> {
  await stage(folders.runtime, async (partial) => {
    for (const wheel of wheels) {
      await stage(folders.part(wheel), async (part) => {
        await stage(folders.wheel(wheel), (folder) => {
          progress.step(`Downloading ${wheel.name} ${wheel.version} (${wheel.megabytes} MB)`);
          return download(wheel, folder, downloader, (megabytes) =>
            progress.detail(`${Math.round(megabytes)} of ${wheel.megabytes} MB`),
          );
        });
        progress.step(`Unpacking ${wheel.name}`);
        await extractor(join(folders.wheel(wheel), WHEEL_FILE), part);
      });
      rmSync(folders.wheel(wheel), { recursive: true, force: true });
    }
    for (const wheel of wheels) linkTree(folders.part(wheel), partial);
    // The names that the addon is linked by.
    const apple = existsSync(join(partial, 'lib', 'libtensorflow_cc.2.dylib'));
    const [built, named] = apple ? ['2.dylib', 'dylib'] : ['so.2', 'so'];
    symlinkSync(`libtensorflow_cc.${built}`, join(partial, 'lib', `libtensorflow.${named}`));
    symlinkSync(`libtensorflow_framework.${built}`, join(partial, 'lib', `libtensorflow_framework.${named}`));
  });
  for (const wheel of wheels) rmSync(folders.part(wheel), { recursive: true, force: true });
}

/** Gives every file a second name elsewhere, which costs no disk; copies it where the file system can't. */
function linkTree(from: string, to: string): void {
  for (const path of Object.keys(fileSizes(from))) {
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    try {
      linkSync(join(from, path), target);
    } catch {
      copyFileSync(join(from, path), target);
    }
  }
}
