import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Names the file in which an executed notebook's inputs are noted; set only while our own client executes it. */
export const INPUTS_VARIABLE = 'YOLOV1_NOTEBOOK_INPUTS';

/**
 * Says that the notebook which is executing has read a file or folder, such as a run record: when that changes,
 * its outputs are stale. Does nothing in JupyterLab and outside of notebooks.
 *
 * @param path - Absolute, or relative to the working directory.
 */
export function recordInput(path: string): void {
  const list = process.env[INPUTS_VARIABLE];
  if (list) appendFileSync(list, `${JSON.stringify(resolve(path))}\n`);
}
