import { type ExperimentResult, type RecordedDetection, recordedDetections } from 'yolov1/record';
import type { Figure } from '../../chart/figure';
import { NotebookError } from '../../errors';
import type { Photograph } from '../../figure/photograph';
import type { GridConfig, PhotographsConfig, ReportConfig } from './config';
import type { Runs } from './runs';

/** By picture. */
type Detections = ReadonlyMap<string, readonly RecordedDetection[]>;

/** All that the page's photographs are drawn from. */
export interface Photographs {
  figures: readonly PhotographsConfig[];
  /** The records of the runs, by name. */
  records: Runs;
  /** What the runs found, by run and picture, the most confident first. */
  detections: ReadonlyMap<string, Detections>;
  /** Those that are on this machine, by year folder and id. */
  found: ReadonlyMap<string, Photograph>;
  /** Drawn on those photographs, by the label of the notebook's figure that each stands for in the article. */
  grids: ReadonlyMap<string, Figure>;
  /** Why the photographs are not shown, if they could be. */
  problem?: string;
}

/**
 * Reads detections from the run records and photographs from the user's own data; without data there are none.
 *
 * @throws NotebookError for a run or a picture that has no detections, and a photograph of another size or damaged.
 */
export async function readPhotographsOf(
  { photographs: figures = [], grids: wanted = [] }: Pick<ReportConfig, 'photographs' | 'grids'>,
  stored: Runs,
): Promise<Photographs> {
  const runs = new Set(figures.flatMap((figure) => figure.runs.map(({ run }) => run)));
  const detections = new Map<string, Detections>();
  for (const run of runs) {
    const record = stored.get(run);
    if (!record) {
      throw new NotebookError(
        `report/config.json: photographs of the run '${run}', of which there is no record`,
      );
    }
    detections.set(run, detectionsOf(record));
  }
  for (const { label, runs: columns, pictures } of figures) {
    for (const { run } of columns) {
      const kept = detections.get(run)!;
      const lost = pictures.find(({ key }) => !kept.has(key));
      if (!lost) continue;
      const known = [...kept.keys()].join(', ');
      throw new NotebookError(
        `report/config.json: photographs '${label}': ${run} keeps no detections of '${lost.key}'; it has ${known}`,
      );
    }
  }
  const sizes = new Map(figures.flatMap(({ pictures }) => pictures.map((one) => [one.key, one])));
  const keys = new Set([...sizes.keys(), ...wanted.map(({ key }) => key)]);
  const { found, problem } = await readFiles([...keys]);
  for (const [key, { width, height }] of found) {
    const said = sizes.get(key);
    if (!said || (said.width === width && said.height === height)) continue;
    throw new NotebookError(
      `report/config.json: picture '${key}' is ${width} x ${height}, not ${said.width} x ${said.height}`,
    );
  }
  const grids = await drawGrids(wanted, found);
  return { figures, records: stored, detections, found, grids, ...(problem ? { problem } : {}) };
}

async function drawGrids(wanted: readonly GridConfig[], found: ReadonlyMap<string, Photograph>) {
  const drawn = new Map<string, Figure>();
  for (const { figure: label, key, gridSize, alt } of wanted) {
    const picture = found.get(key);
    if (!picture) continue;
    const { sceneGridFigure } = await import('../../figure/sceneGridFigure.js');
    const texts = { caption: `${key} under a grid`, alt, label, runs: [] };
    drawn.set(label, sceneGridFigure({ picture, objects: picture.objects, gridSize }, texts));
  }
  return drawn;
}

function detectionsOf(run: ExperimentResult): Detections {
  try {
    return recordedDetections(run);
  } catch (error) {
    throw new NotebookError(`${(error as Error).message}, which a figure of photographs needs`);
  }
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
