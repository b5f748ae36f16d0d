import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  cachePath,
  chooseProfile,
  type ExperimentOptions,
  type ExperimentOverrides,
  type ExperimentResult,
  initBackend,
  type Profile,
  runExperiment,
  UserError,
} from 'yolov1';
import { findDevkits, writeScenesDevkit } from 'yolov1/data';
import { counted } from 'yolov1/form';
import { describeBackend, readRunRecord } from 'yolov1/record';
import { recordInput } from '../../notebook/inputs';

/** How a notebook runs its experiments. */
export interface ExperimentsOptions {
  /** Default: `YOLOV1_PROFILE`; else `mini` where photographs or records are, and `smoke` without either. */
  profile?: Profile;
  /**
   * True where the reader changed a value that the stored records don't have: then one seed trains for two epochs, and what
   * comes of it is not kept with the project. Default false.
   */
  changed?: boolean;
}

/** What a profile trains and evaluates on; to be spread into a configuration. */
export type ExperimentData = Pick<ExperimentOverrides, 'profile' | 'train' | 'evaluate' | 'limit'>;

/** Photographs that the profiles need. */
const YEARS = ['VOC2007', 'VOC2012'];
const LISTS: Record<Profile, Pick<ExperimentData, 'train' | 'evaluate' | 'limit'>> = {
  smoke: { train: ['Scenes/train'], evaluate: ['Scenes/val'], limit: 24 },
  short: {
    train: ['VOC2007/train', 'VOC2012/train', 'VOC2012/extra'],
    evaluate: ['VOC2007/val', 'VOC2012/val'],
    limit: 24,
  },
  mini: {
    train: ['VOC2007/train', 'VOC2012/train', 'VOC2012/extra'],
    evaluate: ['VOC2007/val', 'VOC2012/val'],
  },
  full: { train: ['VOC2012/train'], evaluate: ['VOC2012/val'] },
};
/** From the folder of the notebooks. */
const RECORDS = '../report/runs';
const MOST_EPOCHS = 2;

/**
 * The experiments of a notebook: which profile they are run under, on which data, where their records are. Starts the
 * backend, generates scenes where these are what is trained on, and prints what it chose.
 *
 * ```ts
 * const lab = await lib.experiments('04');
 * const run = await lab.run({ ...lab.data, name: '04-right', model, loss: { kind: 'sigmoid' }, epochs: lab.epochs(12) });
 * ```
 *
 * @param number - The notebook's, such as `04`: its records begin so.
 */
export async function experiments(number: string, options: ExperimentsOptions = {}): Promise<Experiments> {
  const records = existsSync(RECORDS) ? readdirSync(RECORDS) : [];
  const own = records.find((name) => name.startsWith(`${number}-`) && name.endsWith('-mini'));
  const profile =
    options.profile ?? chooseProfile({ years: YEARS, records: [own ? join(RECORDS, own) : RECORDS] });
  const backend = await initBackend();
  const folder = profile === 'smoke' ? await scenes() : undefined;
  const lab = new Experiments(number, profile, options.changed === true, folder);
  console.log(
    `${describeBackend(backend)}, ${counted(backend.cores, 'core')}; ${lab.scale}\n` +
      `train on ${lab.data.train.join(', ')}; evaluate on ${lab.data.evaluate.join(', ')}`,
  );
  return lab;
}

/** Folder of 88 generated scenes in the layout of VOC, `Scenes/train` and `Scenes/val`; made where they are not there. */
export async function scenes(): Promise<string> {
  const folder = cachePath('scenes');
  await writeScenesDevkit(folder, { train: 64, val: 24 });
  return folder;
}

/** See {@link experiments}. */
export class Experiments {
  /** Whether the stored results are this profile's: full size, all epochs and seeds. */
  readonly whole: boolean;
  /** Profile, lists and limit, for a configuration. */
  readonly data: ExperimentData;
  /** Where records and networks are, as `runExperiment` takes it. */
  readonly places: ExperimentOptions;

  constructor(
    private readonly number: string,
    readonly profile: Profile,
    readonly changed: boolean,
    dataFolder: string | undefined,
  ) {
    this.whole = profile === 'mini' || profile === 'full';
    this.data = { profile, ...LISTS[profile] };
    const records = profile === 'mini' && !changed ? RECORDS : cachePath('runs');
    this.places = { results: records, workdir: cachePath('trained'), ...(dataFolder ? { dataFolder } : {}) };
  }

  /** What a caption says of the scale, such as `profile mini`. */
  get scale(): string {
    return `profile ${this.profile}${this.changed ? ', values changed: one seed, two epochs' : ''}`;
  }

  /** Words about what the stored results show: nothing where other results stand in front of the reader. */
  seen(words: string): string {
    return this.profile === 'mini' && !this.changed ? words : '';
  }

  /** The first value at full size, the second where the profile only shows that every cell works. */
  pick<Whole, Small>(whole: Whole, small: Small): Whole | Small {
    return this.whole ? whole : small;
  }

  /** Seeds 0, 1, ... of so many repetitions; one where results are not kept. */
  seeds(count: number): number[] {
    return Array.from({ length: this.whole && !this.changed ? count : 1 }, (_, seed) => seed);
  }

  /** So many epochs, at most two where results are not kept. */
  epochs(count: number): number {
    return this.whole && !this.changed ? count : Math.min(count, MOST_EPOCHS);
  }

  /**
   * Trains, or finds the record of the same configuration, data and weights; notes that the notebook rests on it. While it
   * trains, progress and loss are shown under the cell, and the stop button ends it in order.
   *
   * @param config - The name without the profile, which is added.
   * @param options - More than the places, such as `memory`.
   * @throws UserError as `runExperiment` does, with a way out where there are neither photographs nor a record.
   */
  async run(
    config: ExperimentOverrides,
    options: Partial<ExperimentOptions> = {},
  ): Promise<ExperimentResult> {
    const full = { ...config, name: `${config.name}-${this.profile}` };
    if (full.initialHead) full.initialHead = `${full.initialHead}-${this.profile}`;
    try {
      const result = await runExperiment(full, { ...this.places, ...options });
      recordInput(result.path);
      return result;
    } catch (error) {
      throw this.withoutData(full, error);
    }
  }

  /**
   * The same configuration with each of so many seeds; a seed above 0 stands behind the name. A head to begin with is that of
   * the run of the same seed.
   */
  async repeat(config: ExperimentOverrides, count: number): Promise<ExperimentResult[]> {
    const results: ExperimentResult[] = [];
    for (const seed of this.seeds(count)) {
      const head = config.initialHead ? { initialHead: seededName(config.initialHead, seed) } : {};
      results.push(await this.run({ ...config, ...head, name: seededName(config.name, seed), seed }));
    }
    return results;
  }

  /**
   * Stored records by name, of any notebook, without training: for comparisons across notebooks. Names that have no record
   * are left out; under another profile than `mini` all are.
   *
   * @param names - Without the profile.
   */
  async stored(...names: string[]): Promise<ExperimentResult[]> {
    if (this.profile !== 'mini') return [];
    const paths = names.map((name) => join(RECORDS, `${name}-mini`)).filter((path) => existsSync(path));
    for (const path of paths) recordInput(path);
    return Promise.all(paths.map((path) => readRunRecord(path)));
  }

  /** The error, or where only photographs are missing, an offer. */
  private withoutData({ name, train, evaluate }: ExperimentOverrides, error: unknown): unknown {
    const found = findDevkits().yearFolders.map((folder) => basename(folder));
    const years = [...new Set([...train, ...evaluate].map((list) => list.split('/')[0]))];
    const missing = years.filter((year) => !found.includes(year));
    if (this.profile === 'smoke' || missing.length === 0 || !(error instanceof UserError)) return error;
    return new UserError(
      `${name}: no record has these values, and ${missing.join(' and ')} to train on is not on this machine. ` +
        `To train on generated scenes, write lib.experiments('${this.number}', { profile: 'smoke' }) in the first cell and ` +
        "run all cells; 'npx yolov1 data fetch' brings the photographs",
    );
  }
}

/** Name of a run of several seeds: the first has none behind it. */
function seededName(name: string, seed: number): string {
  return seed === 0 ? name : `${name}-${seed}`;
}
