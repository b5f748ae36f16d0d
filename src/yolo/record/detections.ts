import { join } from 'node:path';
import { checkArguments, record, TEXT } from '../core/arguments';
import { UserError } from '../core/errors';
import type { Box } from '../grid/box';
import { type ExperimentResult, FILES } from './runRecord';

/** A box that a run found, with its class by name. */
export interface RecordedDetection {
  /** Name of the class. */
  name: string;
  /** Confidence: 0..1, or above 1 of a detector whose outputs are linear; to four digits. */
  score: number;
  /** Edges in pixels of the picture, to a tenth. */
  box: Box;
}

const RESULT = record('the result of an experiment', {
  path: TEXT,
  evaluation: record('an evaluation', {
    final: record('the evaluation at the end', { pooled: record('figures') }),
  }),
});

/**
 * The detections that a record keeps of a few pictures, by picture such as `VOC2012/2008_000075`, the most confident
 * first.
 *
 * @param result - As `readRunRecord` or `runExperiment` gives it.
 * @throws UserError with the record's name if it keeps none, or not in this form.
 */
export function recordedDetections(result: ExperimentResult): Map<string, readonly RecordedDetection[]> {
  checkArguments('recordedDetections', { result }, { result: RESULT });
  const { path, evaluation } = result;
  const { pooled, detections } = evaluation.final;
  const refuse = (fault: string) => new UserError(`${join(path, FILES.evaluation)}: ${fault}`);
  if (!Array.isArray(detections)) throw refuse('keeps no detections; train the run again to have them');
  return new Map(
    detections.map(({ key, detections: found }) => {
      const boxes = found.map(({ classIndex, score, box }) => {
        const name = pooled.classes[classIndex]?.name;
        if (name === undefined || ![score, box.left, box.top, box.right, box.bottom].every(Number.isFinite)) {
          throw refuse(`a detection of '${key}' is no box of a class`);
        }
        return { name, score, box };
      });
      return [key, boxes.toSorted((a, b) => b.score - a.score)] as const;
    }),
  );
}
