import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../core/version';
import { findRunRecord, readRunRecord } from '../record/readRunRecord';
import { configHash } from '../record/runKey';
import type { ExperimentResult } from '../record/runRecord';
import { initBackend } from '../tensor/backend';
import { type ExperimentConfig, type ExperimentOverrides, resolveConfig } from './config/config';
import { cachePath } from './config/profile';
import { checkExperimentOptions, type ExperimentOptions } from './experimentOptions';
import { asInNotebook } from './notebookRun';
import { buildExperiment, type Experiment } from './setup/buildExperiment';
import { dataIsPresent, type ExperimentInputs, readInputs } from './setup/inputs';
import { sit } from './sitting';
import { findNetwork } from './workdir/holdings';
import { Workdir } from './workdir/workdir';
import { writeRunRecord } from './workdir/writeRunRecord';

/**
 * Train a detector and evaluate it, or return the record of having done so. In a notebook it shows its progress and the
 * stop button ends it in order; the same call goes on from there.
 *
 * @param overrides - The configuration, without the fields whose default will do.
 * @param options - Where records and networks lie, and what to do with those that are there.
 * @throws UserError for a wrong configuration or option, missing data, a broken picture, annotation or weights file,
 * and for whatever else would end the training or spoil its result: all of that before the first step, and at once.
 * Later on for a loss that is not finite, a disk that is full, and where `signal` stops it; MemoryLimitError where it
 * takes more memory than it may.
 */
export async function runExperiment(
  overrides: ExperimentOverrides,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  checkExperimentOptions(options);
  const config = resolveConfig(overrides);
  const places = { ...options, workdir: options.workdir ?? cachePath('runs') };
  return asInNotebook(config.name, places, (shown) => trainOrRecall(config, shown));
}

async function trainOrRecall(config: ExperimentConfig, places: ExperimentPlaces): Promise<ExperimentResult> {
  const recalled = await recallWithoutData(config, places);
  if (recalled) return recalled;
  const inputs = await readInputs(config, places);
  const found = await recall(inputs, places);
  if (found) return found;
  const experiment = await buildExperiment(inputs, await initBackend(), places);
  try {
    return await trainExperiment(experiment, places);
  } finally {
    experiment.detector.dispose();
  }
}

/** Options with a folder for networks. */
export type ExperimentPlaces = ExperimentOptions & { workdir: string };

/** Train an experiment in its folder, to its end and its record. @throws UserError as {@link runExperiment} does. */
export async function trainExperiment(
  experiment: Experiment,
  options: ExperimentPlaces,
): Promise<ExperimentResult> {
  const { identity, config, backend } = experiment;
  const started = new Date().toISOString();
  const resume = options.retrain
    ? options.resume
      ? 'continue'
      : 'drop'
    : options.resume === undefined
      ? 'continue'
      : options.resume
        ? 'insist'
        : 'refuse';
  const workdir = await Workdir.open(options.workdir, identity, { resume, onNote: options.onNote });
  try {
    const { seconds, backends, ...results } = await sit(experiment, workdir, options);
    const about = { ...identity, profile: config.profile, code: version, backend, started, seconds };
    const record = { ...about, ...(backends.length > 1 ? { backends } : {}) };
    const result = await writeRunRecord(options.results, { record, ...results });
    await workdir.end();
    return result;
  } finally {
    await workdir.close();
  }
}

/** The record of having trained it. */
async function recall(
  { identity }: ExperimentInputs,
  options: ExperimentPlaces,
): Promise<ExperimentResult | undefined> {
  if (options.retrain) return undefined;
  const found = await findRunRecord(options.results, identity.name, identity.key);
  if (found) await tellRecalled(found, options, '');
  return found;
}

/**
 * Finds a record of the same configuration where the data is not on this machine. Only the check that the data are the
 * same is then missing. A data folder that was given has to be there.
 */
async function recallWithoutData(
  config: ExperimentConfig,
  options: ExperimentPlaces,
): Promise<ExperimentResult | undefined> {
  const path = join(options.results, config.name);
  if (
    options.retrain ||
    dataIsPresent(config, options.dataFolder) ||
    !existsSync(join(path, 'record.json'))
  ) {
    return undefined;
  }
  const result = await readRunRecord(path);
  if (configHash(result.record.config) !== configHash(config)) return undefined;
  await tellRecalled(result, options, ', without its data, which is not on this machine');
  return result;
}

/** Say that an answer comes from a record, and where the network is that belongs to it. */
async function tellRecalled(
  { path, record }: ExperimentResult,
  { workdir, onNote }: ExperimentPlaces,
  without: string,
): Promise<void> {
  if (!onNote) return;
  const network = await findNetwork(workdir, record);
  const where = network
    ? `its network is in ${network}`
    : `its network is not in ${workdir}: --retrain trains it again`;
  onNote(`nothing was trained: read from the record ${path} of ${record.started}${without}; ${where}`);
}
