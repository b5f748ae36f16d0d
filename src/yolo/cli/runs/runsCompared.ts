import { basename } from 'node:path';
import { type ConfigDifference, configDifferences, differ } from '../../record/configDifferences';
import type { ExperimentResult } from '../../record/runRecord';

/** Runs side by side. */
export interface Comparison {
  /** Their folders' names, in the order of every row's values. */
  runs: string[];
  /** What keeps their results from being measured against each other. */
  notes: string[];
  results: ConfigDifference[];
  /** Fields of the configuration that differ, nested ones as in `model.inputSize`. */
  config: ConfigDifference[];
}

/** The results of runs, and what their configurations do differently. */
export function compareRuns(runs: readonly ExperimentResult[]): Comparison {
  return {
    runs: runs.map(({ path }) => basename(path)),
    notes: notesOn(runs),
    results: resultRows(runs),
    config: configDifferences(runs.map(({ record }) => ({ ...record.config, name: undefined }))),
  };
}

function resultRows(runs: readonly ExperimentResult[]): ConfigDifference[] {
  const years = [...new Set(runs.flatMap(({ evaluation }) => Object.keys(evaluation.final.years)))];
  const row = (field: string, value: (run: ExperimentResult) => unknown) => ({
    field,
    values: runs.map(value),
  });
  return [
    row('mAP@.5', ({ evaluation }) => rounded(evaluation.final.pooled.map)),
    ...years.map((year) =>
      row(`mAP@.5 ${year}`, ({ evaluation }) => rounded(evaluation.final.years[year]?.map)),
    ),
    row('loss of the last epoch', ({ metrics }) =>
      rounded(metrics.filter(({ kind }) => kind === 'epoch').at(-1)?.loss as number | undefined),
    ),
    row('seconds', ({ record }) => record.seconds),
  ];
}

function notesOn(runs: readonly ExperimentResult[]): string[] {
  const differs = (value: (run: ExperimentResult) => unknown) => differ(runs.map(value));
  return [
    ...(differs(({ record }) => record.profile)
      ? ['their profiles differ; results of different profiles are not comparable']
      : []),
    ...(differs(({ record }) => record.data.evaluate.fingerprint)
      ? ['they were evaluated on different data; their mAPs are not comparable']
      : []),
    ...(differs(({ record }) => record.data.train.fingerprint)
      ? ['they were trained on different data']
      : []),
    ...(differs(({ record }) => record.weights.fingerprint) ? ['they started from different weights'] : []),
    ...(differs(({ record }) => [record.backend.name, record.backend.device])
      ? ['they ran on different backends; durations are not comparable']
      : []),
  ];
}

function rounded(value: number | null | undefined): number | undefined {
  return value === undefined || value === null ? undefined : Number(value.toFixed(4));
}
