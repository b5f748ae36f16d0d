import { NotebookError } from '../../errors';
import type { Photograph } from '../../figure/photograph';
import type { PhotographsConfig } from './photographsConfig';
import { readStoredDetections, type StoredDetections } from './storedDetections';
import type { StoredRun } from './storedRun';

/** All that the page's photographs are drawn from. */
export interface Photographs {
  figures: readonly PhotographsConfig[];
  /** The records of the runs, by name. */
  records: ReadonlyMap<string, StoredRun>;
  /** By run. */
  detections: ReadonlyMap<string, StoredDetections>;
  /** Those that are on this machine, by year folder and id. */
  found: ReadonlyMap<string, Photograph>;
  /** Why the photographs are not shown, if they could be. */
  problem?: string;
}

/**
 * Reads detections from the run records and photographs from the user's own data; without data there are none.
 *
 * @throws NotebookError for a run or a picture that has no detections, and a photograph of another size or damaged.
 */
export async function readPhotographsOf(
  figures: readonly PhotographsConfig[],
  root: string,
  stored: ReadonlyMap<string, StoredRun>,
): Promise<Photographs> {
  const runs = new Set(figures.flatMap((figure) => figure.runs.map(({ run }) => run)));
  const detections = new Map<string, StoredDetections>();
  for (const run of runs) {
    if (!stored.has(run)) {
      throw new NotebookError(
        `report/config.json: photographs of the run '${run}', of which there is no record`,
      );
    }
    detections.set(run, await readStoredDetections(root, run));
  }
  for (const { label, runs: columns, pictures } of figures) {
    for (const { run } of columns) {
      const kept = detections.get(run)!.pictures;
      const lost = pictures.find(({ key }) => !kept.has(key));
      if (!lost) continue;
      const known = [...kept.keys()].join(', ');
      throw new NotebookError(
        `report/config.json: photographs '${label}': ${run} keeps no detections of '${lost.key}'; it has ${known}`,
      );
    }
  }
  const sizes = new Map(figures.flatMap(({ pictures }) => pictures.map((one) => [one.key, one])));
  const { found, problem } = await readFiles([...sizes.keys()]);
  for (const [key, { width, height }] of found) {
    const said = sizes.get(key)!;
    if (said.width === width && said.height === height) continue;
    throw new NotebookError(
      `report/config.json: picture '${key}' is ${width} x ${height}, not ${said.width} x ${said.height}`,
    );
  }
  return { figures, records: stored, detections, found, ...(problem ? { problem } : {}) };
}

async function readFiles(keys: string[]): Promise<Pick<Photographs, 'found' | 'problem'>> {
  if (keys.length === 0) return { found: new Map() };
  try {
    // Only here: the page needs the detector's library for nothing else, and can be built before it is.
    const { readPhotographs } = await import('../../figure/photograph.js');
    return { found: await readPhotographs(keys) };
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (code?.endsWith('MODULE_NOT_FOUND')) {
      return { found: new Map(), problem: 'the package yolov1 is not built yet; run npm run build' };
    }
    if (name === 'UserError') throw new NotebookError(message);
    throw error;
  }
}
