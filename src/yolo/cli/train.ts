import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { readEnvironment } from '../environment';
import { applySettings, readConfigFile } from '../train/configFile';
import type { ExperimentEvents } from '../train/events';
import { type ExperimentResult, runExperiment } from '../train/experiment';
import type { StepReport } from '../train/trainer';
import { interruptible } from './interruptible';

interface TrainFlags {
  set: string[];
  records: string;
  runs: string;
  data?: string;
  resume: boolean;
  retrain: boolean;
  json: boolean;
}

/** Adds `yolov1 train CONFIG`. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('Train one experiment and evaluate it, or read the record of having done so.')
    .argument('<config>', 'TypeScript file that exports the overrides of an experiment; it is executed')
    .option('--set <key=value>', 'change a field, as in model.inputSize=224; may be repeated', collect, [])
    .option('--records <dir>', 'folder of run records', 'report/runs')
    .option('--runs <dir>', 'folder of run directories: checkpoints, trained networks', 'runs')
    .option('--data <dir>', "folder that holds the years' folders; default $YOLOV1_DATA, then data/VOCdevkit")
    .option('--resume', 'go on from the newest checkpoint of a run that was cut short', false)
    .option('--retrain', 'train even where a record exists; with --resume, go on with doing so', false)
    .option('--json', 'print the result as JSON', false)
    .action((file: string, flags: TrainFlags) => interruptible((signal) => train(file, flags, signal)));
}

async function train(file: string, flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const overrides = applySettings(readConfigFile(file), flags.set);
  const result = await runExperiment(overrides, {
    records: flags.records,
    runs: flags.runs,
    dataFolder: flags.data,
    resume: flags.resume,
    retrain: flags.retrain,
    signal,
    onBegin(step) {
      if (flags.resume) {
        const words = step === 0 ? 'nothing to go on from, starting anew' : `going on after step ${step}`;
        process.stderr.write(`yolov1: ${words}\n`);
      }
    },
    ...(process.stderr.isTTY && !readEnvironment().ci ? progressBar() : progressLines()),
  });
  process.stdout.write(flags.json ? `${JSON.stringify(resultJson(result), null, 2)}\n` : resultText(result));
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
    `${record.name}: mAP@.5 ${pooled.map.toFixed(4)} pooled (${byYear.join(', ')}), ` +
    `${record.data.evaluate.pictures} pictures, trained in ${record.seconds} s\nrecord: ${path}\n`
  );
}

/** A bar that redraws itself, for a terminal. */
function progressBar(): ExperimentEvents {
  const bar = new SingleBar({
    format: '{phase} {bar} {value}/{total} | {eta_formatted} left | {words}',
    clearOnComplete: true,
    hideCursor: true,
  });
  let phase = '';
  const show = (name: string, done: number, all: number, words: string) => {
    if (name !== phase) {
      bar.stop();
      bar.start(all, done, { phase: name, words });
      phase = name;
    }
    bar.update(done, { words });
    if (done === all) {
      bar.stop();
    }
  };
  return {
    onFeatures: (done, all) => show('features', done, all, 'views'),
    onStep: (report) => show('training', report.step, report.steps, stepWords(report)),
  };
}

/** Plain lines, for a log file: features by the tenth, then one line an epoch. */
function progressLines(): ExperimentEvents {
  let tenths = 0;
  return {
    onFeatures(done, all) {
      const now = Math.floor((10 * done) / all);
      if (now !== tenths) {
        tenths = now;
        process.stderr.write(`features: ${done} of ${all} views\n`);
      }
    },
    onEpoch({ epoch, step, loss, map }) {
      const found = map === undefined ? '' : `, mAP@.5 ${Number(map).toFixed(4)}`;
      process.stderr.write(`epoch ${epoch}: step ${step}, loss ${Number(loss).toFixed(4)}${found}\n`);
    },
  };
}

function stepWords({ epoch, loss, parts }: StepReport): string {
  const named = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  return `epoch ${epoch} | loss ${loss.toFixed(3)} (${named.join(', ')})`;
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
