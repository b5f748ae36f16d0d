import { descendingOrder } from '../../grid/decode/descendingOrder';
import type { DetectionTable } from './detectionTable';

/** Detections of each class from the most confident one down. */
export interface Ranking {
  /** Rows of the table, class after class, equal scores in the order that was asked for. */
  readonly rows: Int32Array;
  /** Class c has `rows[starts[c]]` up to, not including, `rows[starts[c + 1]]`; shape [classes + 1]. */
  readonly starts: Int32Array;
}

/**
 * Order of equal scores: as the detections were added, which of a result file is its order of lines (VOC's own code); or by
 * picture number, then as they were added (COCO's own code).
 */
export type TieOrder = 'added' | 'picture';

// Every evaluation of a table needs the same rankings; tables don't change.
const rankings: Readonly<Record<TieOrder, WeakMap<DetectionTable, Ranking>>> = {
  added: new WeakMap(),
  picture: new WeakMap(),
};

/** Ranks a table's detections within their classes; the second call for a table costs nothing. */
export function rank(detections: DetectionTable, ties: TieOrder): Ranking {
  const known = rankings[ties].get(detections);
  if (known) return known;
  const { length, classIndex, score } = detections;
  const starts = new Int32Array(detections.index.classes.length + 1);
  for (let row = 0; row < length; row++) starts[classIndex[row] + 1]++;
  for (let c = 1; c < starts.length; c++) starts[c] += starts[c - 1];

  const next = starts.slice();
  const byClass = new Int32Array(length);
  const scores = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    const row = ties === 'added' ? detections.added[index] : index;
    const place = next[classIndex[row]]++;
    byClass[place] = row;
    scores[place] = score[row];
  }
  // The sort is stable: the order in which the rows came settles ties.
  const rows = new Int32Array(length);
  const order = new Int32Array(length);
  for (let c = 0; c + 1 < starts.length; c++) {
    const [start, end] = [starts[c], starts[c + 1]];
    descendingOrder(scores.subarray(start, end), order);
    for (let place = start; place < end; place++) rows[place] = byClass[start + order[place - start]];
  }
  const ranking = { rows, starts };
  rankings[ties].set(detections, ranking);
  return ranking;
}
