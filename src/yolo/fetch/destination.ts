import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readEnvironment } from '../core/environment';

/** Where VOC is put without another wish: `$YOLOV1_DATA`, else the project's `data/VOCdevkit`. */
export function dataDestination(environment: { dataFolder: string } = readEnvironment()): string {
  return inProject(environment.dataFolder, 'VOCdevkit');
}

/** Where weights are put without another wish: `$YOLOV1_WEIGHTS`, else the project's `data/weights`. */
export function weightsDestination(environment: { weightsFolder: string } = readEnvironment()): string {
  return inProject(environment.weightsFolder, 'weights');
}

/**
 * The folder where it will be found: the configured one if that is not the default or is there, else `data/<name>` of
 * the nearest folder above that has one, else beside the project's `data/README.md`, so that a command given in
 * `notebooks/` serves the whole project.
 */
function inProject(configured: string, name: string): string {
  const wanted = join('data', name);
  if (configured !== resolve(wanted) || existsSync(configured)) return configured;
  const above: string[] = [];
  for (let folder = process.cwd(); dirname(folder) !== folder; folder = dirname(folder)) above.push(folder);
  const found =
    above.find((folder) => existsSync(join(folder, wanted))) ??
    above.find((folder) => existsSync(join(folder, 'data', 'README.md')));
  return found ? join(found, wanted) : configured;
}
