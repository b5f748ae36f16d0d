import type { Command } from 'commander';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import type { ExperimentResult } from '../../record/runRecord';
import type { ExperimentOverrides } from '../../run/config/config';
import { applySettings, readConfigFile, readConfigList } from '../../run/config/configFile';
import { runExperiment } from '../../run/experiment';
import { interruptible } from '../terminal/interruptible';
import { classColumns } from './classColumns';
import { trainingProgress } from './trainingProgress';

interface TrainFlags {
  set: string[];
  at?: string;
  results: string;
  workdir: string;
  data?: string;
  memory?: string;
  resume: boolean;
  retrain: boolean;
  json: boolean;
}

/** Adds `yolov1 train CONFIG`. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train one experiment and evaluate it, or read the record of having done so')
    .argument('<config>', 'TypeScript file that exports the overrides of an experiment; it is executed')
    .option('--at <index>', 'which one of a file that exports a list, from 0; such a list is a plan')
    .option('--set <key=value>', 'change a field, as in model.inputSize=224; may be repeated', collect, [])
    .option('--results <dir>', 'folder of run records', 'report/runs')
    .option('--workdir <dir>', 'folder of checkpoints and trained networks, a folder for each run', 'runs')
    .option('--data <dir>', "folder that holds the years' folders; default $YOLOV1_DATA, then data/VOCdevkit")
    .option('--memory <size>', 'what training may take, such as 6GB; default $YOLOV1_MEMORY, then no budget')
    .option('--resume', 'go on from the newest checkpoint of a run that was cut short', false)
    .option('--retrain', 'train even where a record exists; with --resume, go on with doing so', false)
    .option('--json', 'print the result as JSON', false)
    .action((file: string, flags: TrainFlags) => interruptible((signal) => train(file, flags, signal)));
}

async function train(file: string, flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const given = flags.at === undefined ? readConfigFile(file) : entryOf(file, flags.at);
  const overrides = applySettings(given, flags.set);
  const { end, ...events } = trainingProgress({ epochs: overrides.epochs });
  let result: ExperimentResult;
  try {
    result = await runExperiment(overrides, {
      results: flags.results,
      workdir: flags.workdir,
      dataFolder: flags.data,
      memory: flags.memory,
      resume: flags.resume,
      retrain: flags.retrain,
      signal,
      ...events,
      onBegin(step) {
        if (flags.resume && step === 0) process.stderr.write('nothing to go on from, starting anew\n');
        events.onBegin(step);
      },
    });
  } finally {
    end();
  }
  process.stdout.write(flags.json ? `${JSON.stringify(resultJson(result), null, 2)}\n` : resultText(result));
}

function entryOf(file: string, at: string): ExperimentOverrides {
  const list = readConfigList(file);
  const entry = /^\d+$/.test(at) ? list[Number(at)] : undefined;
  if (!entry) {
    throw new UserError(
      `--at is '${at}', expected 0 to ${list.length - 1}: ${file} has ${counted(list.length, 'configuration')}`,
    );
  }
  return entry;
}

function resultJson({ path, record, evaluation }: ExperimentResult) {
  const { final } = evaluation;
  const years = Object.entries(final.years).map(([year, { map }]) => [year, map]);
  return { record: path, key: record.key, map: final.pooled.map, years: Object.fromEntries(years) };
}

function resultText({ path, record, evaluation }: ExperimentResult): string {
  const { pooled, years } = evaluation.final;
  const byYear = Object.entries(years).map(([year, { map }]) => `${year} ${map.toFixed(4)}`);
  return (
    `${classColumns(pooled.classes).join('\n')}\n` +
    `${record.name}: mAP@.5 ${pooled.map.toFixed(4)} pooled (${byYear.join(', ')}), ` +
    `${counted(record.data.evaluate.pictures, 'picture')}, trained in ${record.seconds} s\nrecord: ${path}\n`
  );
}

/** Values of an option that may be repeated. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
