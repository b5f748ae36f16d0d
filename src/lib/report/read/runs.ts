import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ExperimentResult, readRunRecords } from 'yolov1/record';
import { NotebookError } from '../../errors';

/** Folder of the run records from the project's root. */
export const RUNS = 'report/runs';

/** What the site tells of runs, by the name of the record's folder. */
export type Runs = ReadonlyMap<string, ExperimentResult>;

/**
 * All run records of the project.
 *
 * @throws NotebookError with the record's name for one that is damaged, was altered, or is another run's.
 */
export async function readRuns(root: string): Promise<Runs> {
  const folder = join(root, RUNS);
  if (!existsSync(folder)) return new Map();
  const { results, damaged } = await readRunRecords(folder);
  if (damaged.length > 0) throw new NotebookError(damaged[0]);
  return new Map(results.map((run) => [nameOf(run), run]));
}

/** Name of a run's record: its folder's. */
export function nameOf({ path }: ExperimentResult): string {
  return basename(path);
}
