import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Inside a finished folder: its files and their sizes. */
const STAMP = 'complete.json';

/**
 * Makes a folder once: it is either absent or complete, whenever the work is interrupted.
 *
 * The work goes on in a folder of another name, which is renamed when it and its stamp are written. A complete
 * folder in which a file is missing or has changed its size is made again.
 *
 * @param folder - The folder to have. Its parent is made if needed.
 * @param make - Fills the folder that it is given.
 * @returns Whether anything had to be made.
 */
export async function stage(folder: string, make: (partial: string) => Promise<void>): Promise<boolean> {
  if (isComplete(folder)) return false;
  const partial = `${folder}.partial-${process.pid}`;
  rmSync(folder, { recursive: true, force: true });
  rmSync(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    await make(partial);
    writeFileSync(join(partial, STAMP), JSON.stringify({ files: fileSizes(partial) }, null, 1));
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return true;
}

/** Whether a folder was finished by {@link stage} and still has every file in its size. */
export function isComplete(folder: string): boolean {
  const stamp = join(folder, STAMP);
  if (!existsSync(stamp)) return false;
  try {
    const { files } = JSON.parse(readFileSync(stamp, 'utf8')) as { files: Record<string, number> };
    return Object.entries(files).every(([path, size]) => statSync(join(folder, path)).size === size);
  } catch {
    return false;
  }
}

/** Removes what interrupted work left beside a folder's siblings. Call it only while nobody else works there. */
export function removePartials(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (/\.partial-\d+$/.test(name)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Every plain file under a folder, by its path from there; what links point to doesn't count. */
export function fileSizes(folder: string): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === STAMP) continue;
    const path = join(entry.parentPath, entry.name);
    sizes[path.slice(folder.length + 1)] = statSync(path).size;
  }
  return sizes;
}
