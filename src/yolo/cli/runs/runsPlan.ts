import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { counted } from '../../core/counted';
import { durationInWords } from '../../core/duration';
import { UserError } from '../../core/errors';
import { textTable } from '../../core/textTable';
import { formatBytes } from '../../memory/bytes';
import { readConfigList } from '../../run/config/configFile';
import { type PlannedRun, planRuns } from '../../run/setup/plan';
import { printable } from '../terminal/printable';
import { slurmScript } from './slurm';

interface PlanFlags {
  only?: string;
  missing: boolean;
  json: boolean;
  slurm: boolean;
  gpu: boolean;
  results: string;
  workdir: string;
  data?: string;
}

/** Adds `yolov1 runs plan [FILE]`. */
export function addPlanCommand(runs: Command): void {
  runs
    .command('plan')
    .description(
      'list the runs of a plan: what each needs, what it is expected to take, and whether it has a record',
    )
    .argument(
      '[file]',
      'TypeScript file that exports a list of configurations; none: those of all records, and of a plan.ts beside their folder',
    )
    .option('--only <start>', 'only runs whose names begin so, such as 04')
    .option('--missing', 'only runs without a record', false)
    .option('--json', 'the same as JSON, from which yolov1 train --at trains one', false)
    .option('--slurm', 'a script that hands the missing runs to Slurm', false)
    .option('--gpu', 'with --slurm: a GPU for each run', false)
    .option('--results <dir>', 'folder of run records', 'report/runs')
    .option('--workdir <dir>', 'folder of checkpoints and trained networks, a folder for each run', 'runs')
    .option('--data <dir>', "folder that holds the years' folders; default $YOLOV1_DATA, then data/VOCdevkit")
    // The parent has options of the same names.
    .action(async (file: string | undefined, _: PlanFlags, command: Command) => {
      process.stdout.write(await planText(file, command.optsWithGlobals<PlanFlags>()));
    });
}

async function planText(file: string | undefined, flags: PlanFlags): Promise<string> {
  if (flags.slurm && file === undefined) {
    throw new UserError(
      'runs plan --slurm: no file given; write the plan with --json to one, from which every job reads its run',
    );
  }
  const { results, data: dataFolder } = flags;
  const listed = file ?? join(results, '..', 'plan.ts');
  const configurations = file === undefined && !existsSync(listed) ? [] : readConfigList(listed);
  const all = await planRuns(configurations, { results, dataFolder, recorded: file === undefined });
  const { only = '' } = flags;
  const chosen = all
    .map((run, at) => ({ run, at }))
    .filter(({ run }) => run.name.startsWith(only) && !((flags.missing || flags.slurm) && run.record));
  if (flags.slurm) return slurmScript(chosen, { ...flags, file: file!, program: process.argv.slice(0, 2) });
  const planned = chosen.map(({ run }) => run);
  return flags.json ? `${JSON.stringify(planned, null, 2)}\n` : table(planned);
}

function table(planned: readonly PlannedRun[]): string {
  const rows = planned.map(({ name, record, key, inputs, seconds, memory }) => [
    printable(name),
    record === null ? 'missing' : 'there',
    key?.slice(0, 8) ?? '-',
    seconds === null ? '-' : durationInWords(seconds),
    formatBytes(memory),
    inputs.run === null ? '-' : printable(inputs.run),
  ]);
  const missing = planned.filter(({ record }) => record === null);
  const unknown = missing.filter(({ seconds }) => seconds === null).length;
  const seconds = missing.reduce((sum, run) => sum + (run.seconds ?? 0), 0);
  const cost =
    unknown === missing.length
      ? ''
      : `, expected to take ${durationInWords(seconds)}${unknown > 0 ? ` and ${unknown} that nothing is known of` : ''}`;
  const head = ['run', 'record', 'key', 'time', 'memory', 'starts from'];
  return `${[...textTable([head, ...rows], 3), '', `${counted(planned.length, 'run')}, ${missing.length} missing${cost}`].join('\n')}\n`;
}
