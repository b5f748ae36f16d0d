import { basename } from 'node:path';
import type { ExperimentResult } from '../run/experiment';

/** A field's value in each run; undefined where a run has none. */
interface Row {
  field: string;
  values: unknown[];
}

/** Runs side by side. */
export interface Comparison {
  /** Their folders' names, in the order of every row's values. */
  runs: string[];
  /** What keeps their results from being measured against each other. */
  notes: string[];
  results: Row[];
  /** Fields of the configuration that differ, nested ones as in `model.inputSize`. */
  config: Row[];
}

/** The results of runs, and what their configurations do differently. */
export function compareRuns(runs: readonly ExperimentResult[]): Comparison {
  const configs = runs.map(({ record }) => flat({ ...record.config, name: undefined }));
  const fields = [...new Set(configs.flatMap((config) => [...config.keys()]))].sort();
  return {
    runs: runs.map(({ path }) => basename(path)),
    notes: notesOn(runs),
    results: resultRows(runs),
    config: fields
      .map((field) => ({ field, values: configs.map((config) => config.get(field)) }))
      .filter(({ values }) => differ(values)),
  };
}

function resultRows(runs: readonly ExperimentResult[]): Row[] {
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

function differ(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size > 1;
}

/** Leaves by their path; a list is one value, and a null says "without", like a field that is not there. */
function flat(value: object, prefix = ''): Map<string, unknown> {
  return new Map(
    Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      if (inner === null || inner === undefined) return [];
      return typeof inner === 'object' && !Array.isArray(inner)
        ? [...flat(inner, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, inner]];
    }),
  );
}

function rounded(value: number | null | undefined): number | undefined {
  return value === undefined || value === null ? undefined : Number(value.toFixed(4));
}
