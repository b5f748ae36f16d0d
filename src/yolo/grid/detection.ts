import type { Box } from './box';

/** One detected object. */
export interface Detection {
  /** Index into the class list of the detector. */
  classIndex: number;
  /** Confidence: 0..1, or above 1 of a detector whose outputs are linear. */
  score: number;
  /** Edges in pixels of the original picture; see {@link Box}. */
  box: Box;
}
