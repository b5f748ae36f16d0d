import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkArguments, PATH, record, TEXT } from '../core/arguments';
import { readEnvironment } from '../core/environment';
import { UserError } from '../core/errors';
import type { DataSource } from './dataset';

/** The data folder and the years in it. */
export interface FoundDevkits {
  /** `$YOLOV1_DATA`, else `data/VOCdevkit` of the working directory or of the nearest folder above it that has one. */
  readonly dataFolder: string;
  /** Absolute paths of the years' folders, by name; empty if there is no data. */
  readonly yearFolders: readonly string[];
}

const ENVIRONMENT = record('an environment', { dataFolder: PATH });

/**
 * Looks for VOC data. A notebook runs in its own folder, so the default is looked for in the folders above as well.
 *
 * @param environment - `dataFolder` is where to look. Default: the process's, `$YOLOV1_DATA`, else `data/VOCdevkit`.
 * @returns The data folder, and the absolute paths of the years' folders in it by name; none if there is no data.
 */
export function findDevkits(environment: { dataFolder: string } = readEnvironment()): FoundDevkits {
  checkArguments('findDevkits', { environment }, { environment: ENVIRONMENT });
  const dataFolder = climb(environment.dataFolder);
  const names = existsSync(dataFolder) ? readdirSync(dataFolder).sort() : [];
  const yearFolders = names
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(dataFolder, name))
    .filter((folder) => existsSync(join(folder, 'ImageSets', 'Main')));
  return { dataFolder, yearFolders };
}

/**
 * The list behind a name such as `VOC2012/train`.
 *
 * @param name - Name of a year's folder in the data folder, `/`, name of a list.
 * @param environment - As for {@link findDevkits}.
 * @throws UserError if the name has another form or the data folder has no such year.
 */
export function findSource(
  name: string,
  environment: { dataFolder: string } = readEnvironment(),
): DataSource {
  checkArguments('findSource', { name, environment }, { name: TEXT, environment: ENVIRONMENT });
  const [year, split, ...rest] = name.split('/');
  if (!year || !split || rest.length > 0) {
    throw new UserError(`'${name}' is no id list; expected year folder and list, such as VOC2012/train`);
  }
  const { dataFolder } = findDevkits(environment);
  const folder = join(dataFolder, year);
  if (!existsSync(folder)) {
    throw new UserError(
      `${folder}: no such folder, needed for '${name}'; set YOLOV1_DATA to the folder that holds ${year}, or fetch it with 'yolov1 data fetch'`,
    );
  }
  return { folder, split };
}

function climb(dataFolder: string): string {
  const inProject = join('data', 'VOCdevkit');
  if (existsSync(dataFolder) || dataFolder !== resolve(inProject)) return dataFolder;
  for (let folder = process.cwd(); dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, inProject);
    if (existsSync(candidate)) return candidate;
  }
  return dataFolder;
}
