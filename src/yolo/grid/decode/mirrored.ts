import type { CandidateList } from './candidateList';

/** Candidates as `nms` takes them; the boxes normalised, shape [4n]. */
export type CandidateColumns = Pick<CandidateList, 'boxes' | 'scores' | 'classIndex'>;

/**
 * The candidates of a picture together with those of its mirror image, whose boxes are mirrored back.
 *
 * @param plain - Of the picture.
 * @param mirrored - Of the picture with left and right exchanged.
 */
export function joinMirrored(plain: CandidateColumns, mirrored: CandidateColumns): CandidateColumns {
  const count = plain.scores.length;
  const both = count + mirrored.scores.length;
  const joined = {
    boxes: new Float64Array(4 * both),
    scores: new Float64Array(both),
    classIndex: new Int32Array(both),
  };
  for (const name of ['boxes', 'scores', 'classIndex'] as const) {
    joined[name].set(plain[name]);
    joined[name].set(mirrored[name], name === 'boxes' ? 4 * count : count);
  }
  for (let i = count; i < both; i++) {
    const left = joined.boxes[4 * i];
    joined.boxes[4 * i] = 1 - joined.boxes[4 * i + 2];
    joined.boxes[4 * i + 2] = 1 - left;
  }
  return joined;
}
