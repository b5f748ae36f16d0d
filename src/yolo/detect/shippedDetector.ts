import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../core/errors';
import { SPEC_FILE } from './detectorFiles';

/** Name of the detector that comes with the package; its folder in `models/` is like that of a run. */
export const SHIPPED = 'yolov1-resnet18';

/** Where the package's own detectors lie. */
export const MODELS = join(dirname(require.resolve('yolov1/package.json')), 'models');

/**
 * Folder of the detector that comes with the package.
 *
 * @param models - Default: the package's own folder.
 * @throws {@link UserError} if it isn't there.
 */
export function shippedDetector(models = MODELS): string {
  const folder = join(models, SHIPPED);
  if (existsSync(join(folder, SPEC_FILE))) return folder;
  throw new UserError(
    `${folder}: the detector of the package is missing; give a network of your own, such as the folder runs/NAME of a finished run (--run runs/NAME), or get the whole package again`,
  );
}
