import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkArguments, listOf, record } from '../../core/arguments';
import { type Profile, readEnvironment } from '../../core/environment';
import { findDevkits } from '../../data/findDevkits';

/** Data and records that the choice of a profile depends on. */
export interface ProfileNeeds {
  /** Names of the years' folders that photographs are needed of, such as `VOC2012`. */
  years: readonly string[];
  /** Folders of run records that do as well: results can be read where the data is not. */
  records: readonly string[];
}

const FOLDERS = listOf('a list of folders', (folder) => typeof folder === 'string');
const NEEDS = record('what the choice depends on', { years: FOLDERS, records: FOLDERS });

/**
 * The profile of a notebook: `YOLOV1_PROFILE` if that is set; else `mini` where the photographs or the records are
 * found, and `smoke` on a machine that has neither.
 *
 * @param needs - `years`: names of the years' folders that photographs are needed of, such as `VOC2012`; all of them
 * must be there. `records`: folders of run records that do as well, all of them.
 * @throws UserError if `YOLOV1_PROFILE` is set to anything but a profile.
 */
export function chooseProfile(needs: ProfileNeeds): Profile {
  checkArguments('chooseProfile', { needs }, { needs: NEEDS });
  const { years, records } = needs;
  const { profile } = readEnvironment();
  if (profile) {
    return profile;
  }
  const found = findDevkits().yearFolders.map((folder) => basename(folder));
  return years.every((year) => found.includes(year)) || records.every((folder) => existsSync(folder))
    ? 'mini'
    : 'smoke';
}

const PARTS = listOf('names of folders and a file', (part) => typeof part === 'string');

/**
 * A place in the cache folder, for what can be made again: in `$YOLOV1_CACHE`, else `yolov1` in `$XDG_CACHE_HOME` or
 * `~/.cache`. Nothing is made there.
 *
 * @param parts - Names of folders and of a file in it. None: the folder itself.
 */
export function cachePath(...parts: string[]): string {
  checkArguments('cachePath', { parts }, { parts: PARTS });
  return join(readEnvironment().cacheFolder, ...parts);
}
