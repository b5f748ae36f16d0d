import { existsSync } from 'node:fs';
import { UserError } from '../../core/errors';
import { hashOf } from '../../core/hashOf';
import { VOC_CLASSES } from '../../data/classes';
import { estimateMemory } from '../../memory/estimate/estimate';
import { Detector } from '../../model/detector';
import { readRunRecords } from '../../record/readRunRecord';
import { configHash, runKey } from '../../record/runKey';
import type { DataUsed, ExperimentResult } from '../../record/runRecord';
import { type ExperimentConfig, type ExperimentOverrides, resolveConfig } from '../config/config';
import { backboneWeightsUsed } from './backboneWeights';
import { startingWeights } from './initialRun';
import { dataIsPresent, readData } from './inputs';

/** A run that is to be, or has been, trained. */
export interface PlannedRun {
  name: string;
  config: ExperimentConfig;
  /** Null as long as its data, or the record of the run that it starts from, is not there. */
  key: string | null;
  /** Inputs that it reads: lists of data, a file of weights or `random`, and the run from whose network it starts. */
  inputs: { data: string[]; weights: string; run: string | null };
  /** Path of its record; null where it is missing. */
  record: string | null;
  /** Seconds that it took, else the most that records of the same network and epochs took on a processor; null where there is none. */
  seconds: number | null;
  /** Bytes that training is expected to take on a processor. */
  memory: number;
}

/** Folders that a plan looks into. */
export interface PlanPlaces {
  /** Folder of run records. */
  results: string;
  /** Folder that holds the years' folders. Default: as `runExperiment`. */
  dataFolder?: string;
}

/**
 * The plan of runs: what each of them needs, and which have a record. Reads each list of data once, makes no variable, and
 * starts no backend.
 *
 * @param runs - Configurations.
 * @param places.recorded - Before them those of all records, which are what notebooks and programs have run; what is
 * given then adds only runs of other names.
 * @throws UserError for a wrong configuration, two of one name, a run that starts from one after it, or a damaged record.
 */
export async function planRuns(
  runs: readonly ExperimentOverrides[],
  places: PlanPlaces & { recorded?: boolean },
): Promise<PlannedRun[]> {
  const planner = new Planner(await recordsIn(places.results), places);
  const planned: PlannedRun[] = [];
  const recorded = places.recorded ? planner.recorded() : [];
  const names = new Set(recorded.map(({ name }) => name));
  for (const run of [...recorded, ...runs.filter(({ name }) => !names.has(name))]) {
    planned.push(await planner.plan(run));
  }
  return planned;
}

async function recordsIn(folder: string): Promise<ExperimentResult[]> {
  if (!existsSync(folder)) return [];
  const { results, damaged } = await readRunRecords(folder);
  if (damaged.length > 0) throw new UserError(damaged.join('\n'));
  return results;
}

/** Reads everything that runs share only once. */
class Planner {
  private readonly byKey: ReadonlyMap<string, ExperimentResult>;
  private readonly keys = new Map<string, string | null>();
  private readonly data = new Map<string, Promise<DataUsed>>();
  private readonly estimates = new Map<string, number>();
  private readonly seconds = new Map<string, number>();

  constructor(
    private readonly records: readonly ExperimentResult[],
    private readonly places: PlanPlaces,
  ) {
    this.byKey = new Map(records.map((result) => [result.record.key, result]));
    for (const { record } of records) {
      // A graphics processor's time says nothing of a processor's, which is what is planned for.
      if (record.backend.device !== 'cpu') continue;
      const work = workOf(record.config as ExperimentConfig);
      this.seconds.set(work, Math.max(record.seconds, this.seconds.get(work) ?? 0));
    }
  }

  recorded(): ExperimentOverrides[] {
    return this.records.map(({ record }) => record.config as ExperimentConfig);
  }

  async plan(run: ExperimentOverrides): Promise<PlannedRun> {
    const config = resolveConfig(run);
    const { name } = config;
    if (this.keys.has(name))
      throw new UserError(`plan: two runs are called '${name}', expected a name for each`);
    const from = config.initialHead ?? config.initialNetwork;
    const key = await this.keyOf(config, from);
    this.keys.set(name, key);
    const found = key === null ? this.recordOf(config) : this.byKey.get(key);
    return {
      name,
      config,
      key: key ?? found?.record.key ?? null,
      inputs: { data: [...config.train, ...config.evaluate], weights: config.backboneWeights, run: from },
      record: found?.path ?? null,
      seconds: found?.record.seconds ?? this.seconds.get(workOf(config)) ?? null,
      memory: this.memoryOf(config),
    };
  }

  private async keyOf(config: ExperimentConfig, from: string | null): Promise<string | null> {
    if (!dataIsPresent(config, this.places.dataFolder)) return null;
    const data = {
      train: await this.dataOf(config, 'train'),
      evaluate: await this.dataOf(config, 'evaluate'),
    };
    const backbone = await backboneWeightsUsed(config.backboneWeights, config.seed);
    if (from === null) return runKey(config, data, backbone);
    const initial = this.records.find(({ record }) => record.name === from)?.record;
    const planned = this.keys.get(from);
    if (!initial && planned === undefined) {
      throw new UserError(
        `plan: '${config.name}' starts from '${from}', which has no record in ${this.places.results} and is not planned before it`,
      );
    }
    if (!initial) return null;
    const field = config.initialHead === null ? 'initialNetwork' : 'initialHead';
    return runKey(config, data, startingWeights(backbone, { field, record: initial }));
  }

  /** Finds the record of the same configuration, where the data is not here. */
  private recordOf(config: ExperimentConfig): ExperimentResult | undefined {
    const hash = configHash(config);
    return this.records.find(
      ({ record }) => record.name === config.name && configHash(record.config) === hash,
    );
  }

  private dataOf(config: ExperimentConfig, which: 'train' | 'evaluate'): Promise<DataUsed> {
    const place = JSON.stringify([config[which], config.limit, config.classes]);
    let data = this.data.get(place);
    if (!data) {
      data = readData(config[which], config, this.places.dataFolder).then(({ used }) => used);
      this.data.set(place, data);
    }
    return data;
  }

  private memoryOf(config: ExperimentConfig): number {
    const { model, trainable, batchNorm, emaDecay, batchSize, classes } = config;
    const batch = Math.min(config.microBatch ?? batchSize, batchSize);
    const of = {
      optimizer: config.optimizer.kind,
      trainable,
      batchNorm,
      averages: emaDecay !== null,
      batch,
      accumulation: Math.ceil(batchSize / batch),
    };
    const place = JSON.stringify([model, classes, of]);
    let bytes = this.estimates.get(place);
    if (bytes === undefined) {
      bytes = estimateMemory(new Detector({ ...model, classes: classes ?? VOC_CLASSES }), of).total;
      this.estimates.set(place, bytes);
    }
    return bytes;
  }
}

/** The fields that decide how long a training takes. */
function workOf({ model, trainable, epochs, train, limit, views, batchNorm }: ExperimentConfig): string {
  return hashOf([model, trainable, epochs, train, limit, views, batchNorm]);
}
