import { resolve } from 'node:path';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import type { PlannedRun } from '../../run/setup/plan';

/** What the jobs are given. */
export interface SlurmOptions {
  /** Node and the command's own file, as they are called here. */
  program: readonly string[];
  /** From which every job reads its run. */
  file: string;
  results: string;
  workdir: string;
  data?: string;
  /** A GPU for each run. */
  gpu: boolean;
}

const MIB = 2 ** 20;
/** Cores that a training uses well. */
const CORES = 2;

/**
 * A shell script that submits job arrays to Slurm: one of the runs that start from nothing, then one of those that start
 * from a run of an earlier array and wait for it; one whose start has failed says so in its log. A job that Slurm preempts
 * or requeues goes on from its checkpoint.
 *
 * @param runs - Each with its place in the file.
 * @throws UserError if there is none.
 */
export function slurmScript(
  runs: readonly { run: PlannedRun; at: number }[],
  { program, file, results, workdir, data, gpu }: SlurmOptions,
): string {
  if (runs.length === 0)
    throw new UserError('runs plan --slurm: every run has a record, nothing is left to do');
  const command = [
    ...program.map(quoted),
    'train',
    quoted(resolve(file)),
    '--at "$SLURM_ARRAY_TASK_ID"',
    `--results ${quoted(resolve(results))}`,
    `--workdir ${quoted(resolve(workdir))}`,
    ...(data === undefined ? [] : [`--data ${quoted(resolve(data))}`]),
    '--resume',
  ].join(' ');
  const arrays = levelsOf(runs).map((level, index) => {
    const memory = Math.ceil(Math.max(...level.map(({ run }) => run.memory)) / MIB);
    const options = [
      '--parsable --requeue --job-name=yolov1',
      `--array=${level.map(({ at }) => at).join(',')}`,
      `--cpus-per-task=${CORES} --mem=${memory}M`,
      ...(gpu ? ['--gpus=1'] : []),
      ...(index > 0 ? ['--dependency=afterany:"$before"'] : []),
      '--output=yolov1-%A_%a.log --open-mode=append',
      // Options for this cluster, such as a partition or a time limit.
      '"$@"',
    ].join(' ');
    return `before=$(sbatch ${options} <<'JOB'\n#!/bin/sh\nexec ${command}\nJOB\n)\necho "submitted $before: ${counted(level.length, 'run')}"\n`;
  });
  return [
    '#!/bin/sh',
    '# sh THIS_FILE [options of sbatch, such as --time=2:00:00 or --partition=NAME]',
    'set -e',
    ...arrays,
  ].join('\n');
}

/** Runs by how many others they wait for, one after the other. */
function levelsOf<T extends { run: PlannedRun }>(runs: readonly T[]): T[][] {
  const level = new Map<string, number>();
  const levels: T[][] = [];
  for (const entry of runs) {
    const { name, inputs } = entry.run;
    const own = inputs.run === null ? 0 : (level.get(inputs.run) ?? -1) + 1;
    level.set(name, own);
    levels[own] ??= [];
    levels[own].push(entry);
  }
  return levels;
}

/** A word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
