import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotebookError } from '../../errors';
import type { FoundBox } from '../../figure/detectionsFigure';
import { RUNS } from './storedRun';

/** What a run's record says of the pictures whose detections it keeps. */
export interface StoredDetections {
  /** mAP@.5 over all pictures. */
  map: number;
  /** Detections by picture, such as `VOC2012/2008_000075`, the surest first. */
  pictures: ReadonlyMap<string, readonly FoundBox[]>;
}

/**
 * Reads the detections of a run's evaluation.json.
 *
 * @param run - Name of a record that is there.
 * @throws NotebookError with the file if it keeps none, or they are damaged.
 */
export async function readStoredDetections(root: string, run: string): Promise<StoredDetections> {
  const path = `${RUNS}/${run}/evaluation.json`;
  try {
    const { pooled, detections } = JSON.parse(await readFile(join(root, path), 'utf8')).final;
    if (!Array.isArray(detections)) throw new Error('it keeps no detections');
    const classes: unknown[] = pooled.classes.map(({ name }: { name: unknown }) => name);
    const pictures = detections.map(({ key, detections: found }) => {
      const boxes: FoundBox[] = found.map((one: Record<string, unknown>) => {
        const name = classes[Number(one.classIndex)];
        const { left, top, right, bottom } = Object(one.box);
        const numbers = [one.score, left, top, right, bottom];
        if (typeof name !== 'string' || !numbers.every(Number.isFinite)) {
          throw new Error(`a detection of '${key}' is damaged`);
        }
        return { name, score: Number(one.score), box: { left, top, right, bottom } };
      });
      return [String(key), boxes.sort((a, b) => b.score - a.score)] as const;
    });
    if (!Number.isFinite(pooled.map)) throw new Error('it has no mAP');
    return { map: pooled.map, pictures: new Map(pictures) };
  } catch (error) {
    throw new NotebookError(`${path}: ${(error as Error).message}, which a figure of photographs needs`);
  }
}
