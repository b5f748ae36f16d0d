import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { UserError } from '../core/errors';
import { syncFolder } from '../core/wholeFile';
import { openDevkit } from '../data/devkit';
import type { VocArchive } from './catalogue';
import { cannotWrite } from './disk';

/**
 * What a year's folder lacks of an archive: its list, and a picture and an annotation for every id of it.
 *
 * @returns The first lack in a few words, or undefined if everything is there.
 */
export function whatLacks(yearFolder: string, { list, pictures }: VocArchive): string | undefined {
  try {
    const devkit = openDevkit(yearFolder);
    const ids = devkit.readIds(list);
    if (ids.length < pictures) return `its list ${list} has ${ids.length} of ${pictures} pictures`;
    for (const { imagePath, annotationPath } of ids.map((id) => devkit.item(id))) {
      for (const path of [imagePath, annotationPath]) if (!existsSync(path)) return `${path} is missing`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/**
 * Puts a complete draft in place: as the year's folder where there is none, else file by file into the one that is
 * there. No file is overwritten: one that is there already must be the same. The id lists move last, so that a
 * merge that is broken off leaves no list of pictures that aren't there.
 *
 * @throws {@link UserError} before anything is moved if a file is there with other content.
 */
export async function putInPlace(draft: string, yearFolder: string): Promise<void> {
  try {
    if (!existsSync(yearFolder)) {
      await rename(draft, yearFolder);
    } else {
      await merge(draft, yearFolder);
    }
    await syncFolder(dirname(yearFolder));
  } catch (error) {
    throw error instanceof UserError ? error : cannotWrite(yearFolder, error);
  }
}

async function merge(draft: string, yearFolder: string): Promise<void> {
  const entries = await readdir(draft, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(draft.length + 1));
  const missing: string[] = [];
  for (const file of files) {
    const there = join(yearFolder, file);
    const kind = await lstat(there).catch(() => undefined);
    if (!kind) missing.push(file);
    else if (!kind.isFile() || !(await readFile(there)).equals(await readFile(join(draft, file)))) {
      throw new UserError(
        `${there}: is there and differs from the archive's; nothing was changed, move the year's folder away or give another with --to`,
      );
    }
  }
  const isList = (file: string) => file.startsWith(`ImageSets${sep}`);
  missing.sort((a, b) => Number(isList(a)) - Number(isList(b)));
  for (const folder of new Set(missing.map((file) => dirname(file)))) {
    await mkdir(join(yearFolder, folder), { recursive: true });
  }
  for (const file of missing) await rename(join(draft, file), join(yearFolder, file));
}
