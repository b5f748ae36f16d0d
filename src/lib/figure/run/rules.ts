import type { ExperimentResult } from 'yolov1';
import type { TableCell } from '../../notebook/table';
import { type Quote, quote } from './quote';

/** Ways to evaluate the same predictions, as they are called in an evaluation and in words. */
const RULES: Readonly<Record<string, string>> = {
  voc: 'VOC rules',
  scoreCut: 'scores above .4',
  oneBoxACell: 'one box a cell',
  gridGroundTruth: 'truth of the grid',
  difficultCounts: 'difficult count',
  trapezoid: 'trapezoids too',
  all: "all: the original's",
};

/** Where an evaluation keeps a rule's mAP. */
export function byRule(rule: 'voc' | 'all' | 'scoreCut' | 'oneBoxACell'): string {
  return `final.writeUp.${rule}`;
}

/**
 * Two columns of a table: mAP@.5 by the VOC rules, and of the same predictions by the original's.
 *
 * @param runs - Runs that differ in nothing but the seed.
 */
export function bothRules(
  runs: ExperimentResult | readonly ExperimentResult[],
): Record<'mAP@.5' | "original's rules", Quote> {
  return {
    'mAP@.5': quote(runs, 'final.pooled.map'),
    "original's rules": quote(runs, byRule('all')),
  };
}

/** Rows of a table: mAP@.5 of each run's predictions by the VOC rules, by each deviation of the original, and by all. */
export function evaluationRules(
  runs: Readonly<Record<string, ExperimentResult>>,
): Record<string, TableCell>[] {
  return Object.entries(runs).map(([title, run]) => ({
    run: title,
    ...Object.fromEntries(
      Object.entries(RULES).map(([rule, said]) => [said, quote(run, byRule(rule as 'voc'))]),
    ),
  }));
}
