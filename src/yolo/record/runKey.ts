import { hashOf } from '../core/hashOf';
import type { ExperimentResult, RunRecord } from './runRecord';

/**
 * Hash of a configuration. A field that is null says "without", so it counts like one that is not there: a field added
 * later with that default leaves the keys of older records as they are.
 */
export function configHash(config: object): string {
  return hashOf(Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null)));
}

/** The key of a result: what was configured, on which data, from which weights. */
export function runKey(config: object, data: RunRecord['data'], weights: RunRecord['weights']): string {
  return hashOf([configHash(config), data.train.fingerprint, data.evaluate.fingerprint, weights.fingerprint]);
}

/** Hash of all of a record's values, which it holds itself. */
export function recordHash(
  record: Omit<RunRecord, 'hash'>,
  { metrics, evaluation, memory }: Pick<ExperimentResult, 'metrics' | 'evaluation' | 'memory'>,
): string {
  return hashOf([record, metrics, evaluation, ...(memory ? [memory] : [])]);
}
