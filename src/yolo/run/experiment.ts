import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../core/version';
import { type Dataset, fingerprintOf, loadDataset } from '../data/dataset';
import { findDevkits, findSource } from '../data/findDevkits';
import { Detector } from '../model/detector';
import { findRunRecord, readRunRecord } from '../record/readRunRecord';
import { configHash, runKey } from '../record/runKey';
import type { DataUsed, ExperimentResult, RunRecord } from '../record/runRecord';
import { initBackend } from '../tensor/backend';
import { backboneWeightsUsed, loadBackbone } from './backboneWeights';
import { setConfidenceBias } from './confidenceBias';
import { type ExperimentConfig, type ExperimentOverrides, resolveConfig } from './config';
import type { ExperimentEvents } from './events';
import { loadInitialHead, withInitialHead } from './initialHead';
import { asInNotebook } from './notebookRun';
import { cachePath } from './profile';
import { runTraining } from './runTraining';
import { writeRunRecord } from './writeRunRecord';

/** Where results are looked for and kept. */
export interface ExperimentOptions extends ExperimentEvents {
  /** Folder of run records. A record of the same config, data and weights is returned instead of training. */
  records: string;
  /**
   * Folder of run directories: `<runs>/<name>` holds checkpoints while training, from which a run that was cut short
   * goes on, and then the trained network for `loadDetector`. Default: in the cache folder.
   */
  runs?: string;
  /** Folder that holds the years' folders. Default: where the environment says. */
  dataFolder?: string;
  /**
   * Train even where a record exists; from the start, unless `resume` is true: then what an earlier retraining left is
   * gone on from. Default false.
   */
  retrain?: boolean;
  /**
   * Whether a run that was cut short goes on from its newest checkpoint; otherwise what it left is an error that says
   * so. Default: true without `retrain`.
   */
  resume?: boolean;
  /** What training may take, such as `6GB`. Default: `$YOLOV1_MEMORY`, then no budget. */
  memory?: string;
  /** Stops the training after the step under way, with everything saved. */
  signal?: AbortSignal;
}

/**
 * Train a detector and evaluate it, or return the record of having done so. In a notebook it shows its progress and the
 * stop button ends it in order; the same call goes on from there.
 *
 * @throws UserError for a wrong configuration, missing data, a broken picture, annotation or weights file.
 */
export async function runExperiment(
  overrides: ExperimentOverrides,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const config = resolveConfig(overrides);
  return asInNotebook(config.name, options, (shown) => trainOrRecall(config, shown));
}

async function trainOrRecall(
  config: ExperimentConfig,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const recalled = await recallWithoutData(config, options);
  if (recalled) {
    return recalled;
  }
  const load = (lists: readonly string[]) => loadLists(lists, config.limit, options.dataFolder);
  const [train, evaluate] = [await load(config.train), await load(config.evaluate)];
  const backbone = await backboneWeightsUsed(config.backboneWeights, config.seed);
  const weights = await withInitialHead(backbone, config, options.records);
  const data = { train: dataUsed(config.train, train), evaluate: dataUsed(config.evaluate, evaluate) };
  const key = runKey(config, data, weights);
  const found = options.retrain ? undefined : await findRunRecord(options.records, config.name, key);
  if (found) {
    return found;
  }
  const backend = await initBackend();
  const detector = new Detector({ ...config.model, classes: train.classes });
  detector.initialise(config.seed);
  try {
    await loadBackbone(detector, config.backboneWeights, config.seed);
    const runs = options.runs ?? cachePath('runs');
    setConfidenceBias(detector, config.confidenceBias);
    await loadInitialHead(detector, config, { records: options.records, runs });
    const about: Omit<RunRecord, 'format' | 'seconds' | 'hash'> = {
      name: config.name,
      key,
      profile: config.profile,
      config,
      data,
      weights,
      code: version,
      backend,
      started: new Date().toISOString(),
    };
    await runTraining(
      { config, detector, backend, weights: backbone.fingerprint, train, evaluate },
      {
        ...options,
        key,
        folder: join(runs, config.name),
        resume: (options.resume ?? !options.retrain) ? 'continue' : options.retrain ? 'drop' : 'refuse',
        async keep({ seconds, ...results }) {
          await writeRunRecord(options.records, { record: { ...about, seconds }, ...results });
        },
      },
    );
    return (await findRunRecord(options.records, config.name, key))!;
  } finally {
    detector.dispose();
  }
}

/**
 * Where the data is not on this machine, a record of the same configuration is the best there is: what is missing to
 * its key is only the check that the data would be the same.
 */
async function recallWithoutData(
  config: ExperimentConfig,
  { records, dataFolder, retrain }: ExperimentOptions,
): Promise<ExperimentResult | undefined> {
  const folder = dataFolder ?? findDevkits().dataFolder;
  const present = [...config.train, ...config.evaluate].every((list) =>
    existsSync(join(folder, list.split('/')[0])),
  );
  const path = join(records, config.name);
  if (present || retrain || !existsSync(path)) {
    return undefined;
  }
  const result = await readRunRecord(path);
  return configHash(result.record.config) === configHash(config) ? result : undefined;
}

async function loadLists(
  lists: readonly string[],
  limit: number | null,
  dataFolder: string | undefined,
): Promise<Dataset> {
  const data = await loadDataset(
    lists.map((list) => findSource(list, dataFolder ? { dataFolder } : undefined)),
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

function dataUsed(lists: readonly string[], { items, fingerprint }: Dataset): DataUsed {
  return { parts: [...lists], pictures: items.length, fingerprint };
}
