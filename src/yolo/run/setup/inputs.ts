import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { type Dataset, fingerprintOf, loadDataset } from '../../data/dataset';
import { findDevkits, findSource } from '../../data/findDevkits';
import { runKey } from '../../record/runKey';
import type { DataUsed } from '../../record/runRecord';
import type { ExperimentConfig } from '../config/config';
import type { RunIdentity } from '../workdir/holdings';
import { backboneWeightsUsed } from './backboneWeights';
import { holdOut } from './heldOut';
import { type InitialRun, readInitialRun, startingWeights } from './initialRun';

/** Inputs of a run, read without TensorFlow: enough to know its key. */
export interface ExperimentInputs {
  config: ExperimentConfig;
  identity: RunIdentity;
  /** The pictures that are trained on, without those that are held out. */
  train: Dataset;
  /** Pictures of the train lists that decide, where `config.heldOut` asks for them. */
  heldOut?: Dataset;
  evaluate: Dataset;
  /** The run from whose network this one starts. */
  initial?: InitialRun;
  /** Fingerprint of the backbone's weights before the first step. */
  backbone: string;
}

/**
 * Read data and weights.
 *
 * @throws UserError for missing data, a broken annotation, or an initial run without a record.
 */
export async function readInputs(
  config: ExperimentConfig,
  { results, dataFolder }: { results: string; dataFolder?: string },
): Promise<ExperimentInputs> {
  const train = await readData(config.train, config, dataFolder);
  const evaluate = await readData(config.evaluate, config, dataFolder);
  const backbone = await backboneWeightsUsed(config.backboneWeights, config.seed);
  const initial = await readInitialRun(config, results);
  const weights = startingWeights(backbone, initial);
  const data = { train: train.used, evaluate: evaluate.used };
  return {
    config,
    identity: { name: config.name, key: runKey(config, data, weights), config, data, weights },
    ...(config.heldOut === null ? { train: train.data } : holdOut(train.data, config.heldOut)),
    evaluate: evaluate.data,
    ...(initial ? { initial } : {}),
    backbone: initial?.field === 'initialNetwork' ? weights.fingerprint : backbone.fingerprint,
  };
}

/**
 * Tells whether the years' folders that a configuration names are on this machine.
 *
 * @throws UserError if the data folder itself was given and isn't there.
 */
export function dataIsPresent(config: ExperimentConfig, dataFolder?: string): boolean {
  if (dataFolder !== undefined && !existsSync(dataFolder)) {
    throw new UserError(
      `${dataFolder}: no such data folder; expected one that holds the years' folders, such as VOC2012`,
    );
  }
  const folder = dataFolder ?? findDevkits().dataFolder;
  return [...config.train, ...config.evaluate].every((list) => existsSync(join(folder, list.split('/')[0])));
}

/** The fields of a configuration that concern its data, beside the lists. */
type DataSettings = Pick<ExperimentConfig, 'limit' | 'classes'>;

/** Pictures of lists, at most `limit` of each year, and what a record says of them. @throws UserError as `loadDataset`. */
export async function readData(
  lists: readonly string[],
  settings: DataSettings,
  dataFolder: string | undefined,
): Promise<{ data: Dataset; used: DataUsed }> {
  const data = await loadLists(lists, settings, dataFolder);
  return { data, used: { parts: [...lists], pictures: data.items.length, fingerprint: data.fingerprint } };
}

async function loadLists(
  lists: readonly string[],
  { limit, classes }: DataSettings,
  dataFolder: string | undefined,
): Promise<Dataset> {
  const data = await loadDataset(
    lists.map((list) => findSource(list, dataFolder ? { dataFolder } : undefined)),
    classes === null ? {} : { classes },
  );
  if (limit === null) {
    return data;
  }
  const counts = new Map<string, number>();
  const items = data.items.filter(({ year }) => {
    counts.set(year, (counts.get(year) ?? 0) + 1);
    return counts.get(year)! <= limit;
  });
  return { ...data, items, fingerprint: fingerprintOf(items, data.classes) };
}
