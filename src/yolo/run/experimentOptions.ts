import { closest } from 'fastest-levenshtein';
import * as v from 'valibot';
import { checkArguments, FLAG, PATH, record, SIGNAL, TEXT } from '../core/arguments';
import { UserError } from '../core/errors';
import type { ExperimentEvents } from './events';

/** Places where results are looked for and kept, and how training goes about it. */
export interface ExperimentOptions extends ExperimentEvents {
  /** Folder of run records. A record of the same config, data and weights is returned instead of training. */
  results: string;
  /**
   * Folder of checkpoints and networks: `<workdir>/<name>` holds checkpoints while training, from which a run that was
   * cut short goes on, and then the trained network for `loadDetector`. It belongs to the run's key: another
   * configuration of the same name goes beside it. Default: `cachePath('runs')`.
   */
  workdir?: string;
  /**
   * Folder that holds the years' folders. Default: `$YOLOV1_DATA`, else `data/VOCdevkit` of the working directory or of
   * the nearest folder above it that has one.
   */
  dataFolder?: string;
  /**
   * Train even where a record exists; from the start, unless `resume` is true: then an earlier retraining that was cut
   * short is resumed. Default false.
   */
  retrain?: boolean;
  /**
   * True: a run that was cut short resumes from its newest checkpoint, and it is an error if another configuration's
   * are in their place. False: its checkpoints are an error that says so. Default: without `retrain` it resumes if it
   * can, else starts.
   */
  resume?: boolean;
  /**
   * Memory that training may take, the running program included, such as `6GB`. Default: `$YOLOV1_MEMORY`, then no
   * budget.
   */
  memory?: string;
  /**
   * Stops the training after the step, or the batch of features or of an evaluation, under way; what was trained is
   * saved, and the promise is rejected with a sentence that says so.
   */
  signal?: AbortSignal;
}

/** Names of the options; those of older versions with what they are called now. */
const NAMES = {
  options: [
    ...['results', 'workdir', 'dataFolder', 'retrain', 'resume', 'memory', 'signal'],
    ...['onNote', 'onFeatures', 'onMemory', 'onBegin', 'onStep', 'onEvaluated', 'onEpoch'],
  ],
  older: new Map([
    ['records', 'results'],
    ['runs', 'workdir'],
  ]),
};

const OPTIONS = record('an object of options', {
  results: v.pipe(v.string('the folder of run records'), v.nonEmpty('the folder of run records')),
  ...{ workdir: v.optional(PATH), dataFolder: v.optional(PATH), memory: v.optional(TEXT) },
  ...{ retrain: v.optional(FLAG), resume: v.optional(FLAG), signal: v.optional(SIGNAL) },
});

/** @throws UserError for an option that isn't known, with the one that was meant, or without a folder for results. */
export function checkExperimentOptions(options: ExperimentOptions): void {
  checkArguments('runExperiment', { options }, { options: record('an object of options') });
  for (const name of Object.keys(options)) {
    if (NAMES.options.includes(name)) continue;
    const meant = NAMES.older.get(name) ?? closest(name, NAMES.options);
    throw new UserError(`options: unknown option '${name}'; did you mean '${meant}'?`);
  }
  checkArguments('runExperiment', { options }, { options: OPTIONS });
}
