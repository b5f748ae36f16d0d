import { counted } from '../core/counted';
import type { EpochEvaluation, HeldOutChoice } from '../eval/run/evaluation';

/** Finds the epoch whose network counts: the best on the held-out pictures, and of equals the last. */
export function bestEpoch(evaluated: readonly EpochEvaluation[]): EpochEvaluation {
  return trained(evaluated).reduce((best, one) => (one.map >= best.map ? one : best));
}

/**
 * Tells whether the held-out pictures say that training on is of no use.
 *
 * @param patience Evaluations in a row without a better mAP than before them that end a training; null: none do.
 */
export function isExhausted(evaluated: readonly EpochEvaluation[], patience: number | null): boolean {
  if (patience === null) return false;
  const maps = trained(evaluated).map(({ map }) => map);
  return maps.length - 1 - maps.indexOf(Math.max(...maps)) >= patience;
}

function trained(evaluated: readonly EpochEvaluation[]): EpochEvaluation[] {
  return evaluated.filter(({ epoch }) => epoch > 0);
}

/** Words for the choice, for whoever trains. */
export function choiceInWords({ epoch, map, pictures, scoreCut }: HeldOutChoice): string {
  const cut = scoreCut
    ? `shown from a score of ${scoreCut.score.toFixed(3)} on (precision ${scoreCut.precision.toFixed(2)}, recall ${scoreCut.recall.toFixed(2)})`
    : 'nothing found in them, so no score cut is stored';
  return `kept: the network of epoch ${epoch}, mAP@.5 ${map.toFixed(4)} on ${counted(pictures, 'held-out picture')}; ${cut}`;
}
