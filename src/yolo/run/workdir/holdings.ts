import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WEIGHTS_FILE } from '../../detect/detectorFiles';
import { configDifferences } from '../../record/configDifferences';
import { recordFolders } from '../../record/readRunRecord';
import type { RunRecord } from '../../record/runRecord';
import { checkpointsIn } from './checkpoint';

/** Identity of a run: results belong to it, and to nothing else of the same name. */
export type RunIdentity = Pick<RunRecord, 'name' | 'key' | 'config' | 'data' | 'weights'>;

/** Files of a run's folder in the workdir. */
export const WORKDIR_FILES = {
  /** Says which run the folder belongs to. */
  run: 'run.json',
  metrics: 'metrics.jsonl',
  checkpoints: 'checkpoints',
  weights: WEIGHTS_FILE,
  lock: 'lock',
} as const;

/** The key alone, as older versions wrote it. */
const OLDER_KEY = 'key.json';

/** The content of a folder of the workdir. */
export interface Holdings {
  path: string;
  /** Key of the run that it belongs to; undefined where nothing says. */
  key?: string;
  /** Identity of that run; absent where an older version wrote the folder. */
  run?: RunIdentity;
  /** Updates of the newest checkpoint; undefined without one. */
  step?: number;
  /** True if there is a trained network. */
  network: boolean;
}

/** Look at a folder of the workdir. One that isn't there holds nothing. @throws The system's error if it can't be read. */
export async function holdingsOf(path: string): Promise<Holdings> {
  const names = await readdir(path).catch(ifMissing([] as string[]));
  const run = await readIdentity(join(path, WORKDIR_FILES.run));
  const older = await readFile(join(path, OLDER_KEY), 'utf8').catch(() => undefined);
  const [newest] = await checkpointsIn(join(path, WORKDIR_FILES.checkpoints));
  // A checkpoint names its own run, so it counts even if the other files are damaged.
  const key = newest?.key ?? run?.key ?? older;
  return {
    path,
    key,
    ...(run && run.key === key ? { run } : {}),
    ...(newest ? { step: newest.step } : {}),
    network: names.includes(WORKDIR_FILES.weights),
  };
}

/** Tells whether another run has something in a folder that must not be lost. */
export function isTaken({ key, step, network }: Holdings, by: RunIdentity): boolean {
  return (step !== undefined || network) && key !== by.key;
}

/** Folder of a run's trained network: under its name, or under name and key. Undefined where neither has it. */
export async function findNetwork(
  workdir: string,
  { name, key }: Pick<RunIdentity, 'name' | 'key'>,
): Promise<string | undefined> {
  for (const path of recordFolders(workdir, name, key)) {
    const holdings = await holdingsOf(path).catch(() => undefined);
    if (holdings?.network && holdings.key === key) return path;
  }
  return undefined;
}

/** Says how a folder differs from a run: `runs/a holds step 32 of another configuration: epochs 200, not 300`. */
export function holdingsInWords({ path, run, step, network }: Holdings, wanted: RunIdentity): string {
  const what = [...(step === undefined ? [] : [`step ${step}`]), ...(network ? ['the network'] : [])];
  return `${path} holds ${what.join(' and ')} of another ${run ? differenceInWords(run, wanted) : 'run'}`;
}

/** How a run differs from the one that is wanted. */
function differenceInWords(found: RunIdentity, wanted: RunIdentity): string {
  const fields = configDifferences([found.config, wanted.config]).map(
    ({ field, values: [theirs, ours] }) => `${field} ${inWords(theirs)}, not ${inWords(ours)}`,
  );
  if (fields.length > 0) return `configuration: ${fields.join('; ')}`;
  const changed = (['train', 'evaluate'] as const).filter(
    (list) => found.data[list].fingerprint !== wanted.data[list].fingerprint,
  );
  if (changed.length > 0) {
    const lists = changed.map((list) => wanted.data[list].parts.join(', '));
    return `run: the data of ${lists.join(' and ')} was other`;
  }
  return `run: it started from other weights (${found.weights.source}, not ${wanted.weights.source})`;
}

function inWords(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}

async function readIdentity(path: string): Promise<RunIdentity | undefined> {
  try {
    const run = JSON.parse(await readFile(path, 'utf8'));
    const { train, evaluate } = run.data;
    return typeof run.key === 'string' && train && evaluate && run.weights && run.config ? run : undefined;
  } catch {
    return undefined;
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code !== 'ENOENT') throw error;
    return value;
  };
}
