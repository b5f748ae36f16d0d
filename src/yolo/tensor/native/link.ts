import { existsSync, lstatSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Folders } from './folders';

/** Folder of the installed package `@tensorflow/tfjs-node-gpu`, and its version. */
export function installedPackage(): { folder: string; version: string } {
  const file = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
  const { version } = require(file) as { version: string };
  return { folder: dirname(file), version };
}

/**
 * Whether the package's `lib` already is a link to the addon.
 *
 * @param packageFolder - Folder of tfjs-node-gpu.
 */
export function isLinked(packageFolder: string, folders: Folders): boolean {
  const lib = join(packageFolder, 'lib');
  const target = join(folders.addon, 'lib');
  return existsSync(lib) && existsSync(target) && realpathSync(lib) === realpathSync(target);
}

/**
 * Points the package's `lib` at the addon in the cache. Node opens an addon under its real path, so that it
 * finds the libraries beside it there; nothing is copied. What was in place of the link is removed.
 *
 * @param packageFolder - Folder of tfjs-node-gpu.
 */
export function link(packageFolder: string, folders: Folders): void {
  const lib = join(packageFolder, 'lib');
  const fresh = `${lib}.new-${process.pid}`;
  const old = `${lib}.old-${process.pid}`;
  symlinkSync(join(folders.addon, 'lib'), fresh, 'dir');
  // A folder can't be replaced by a link in one step; a link can.
  if (lstatSync(lib, { throwIfNoEntry: false })?.isDirectory()) renameSync(lib, old);
  renameSync(fresh, lib);
  rmSync(old, { recursive: true, force: true });
}
