import type { Box } from './box';

/** One detected object. */
export interface Detection {
  /** Index into the class list of the detector. */
  classIndex: number;
  /** Confidence, 0..1. */
  score: number;
  /** Edges in pixels of the original picture, continuous coordinates (see {@link Box}). */
  box: Box;
}
