// npx tsx scripts/migrate-fingerprints.ts [FOLDER...]: gives run records the fingerprints that follow class names and the
// content of pictures. Results stay as they are, nothing is trained. Needs the pictures that the runs were trained on, and
// proves by the old fingerprints that these are the same. Records that have the new ones already are left alone.
import { createHash } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, UserError } from '../src/yolo/core/errors';
import { hashOf } from '../src/yolo/core/hashOf';
import { writeWholeFile } from '../src/yolo/core/wholeFile';
import type { AnnotatedItem } from '../src/yolo/data/dataset';
import { findRunRecord, readRunRecords, recordFolders } from '../src/yolo/record/readRunRecord';
import { recordHash, runKey } from '../src/yolo/record/runKey';
import { type ExperimentResult, FILES, type RunRecord } from '../src/yolo/record/runRecord';
import { readData } from '../src/yolo/run/setup/inputs';

/** Before and after. */
interface Pair {
  readonly old: string;
  readonly fresh: string;
}

interface Config {
  readonly train: readonly string[];
  readonly evaluate: readonly string[];
  readonly limit: number | null;
  readonly initialHead: string | null;
}

/** What one folder of records became. */
export interface Migrated {
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Migrates the records of one folder.
 *
 * @param dataFolder - Folder that holds the years. Default: where data is looked for.
 * @throws {@link UserError} naming a record that is damaged, or whose data are not those at hand; nothing is written then.
 */
export async function migrateRecords(folder: string, dataFolder?: string): Promise<Migrated> {
  const { results, damaged } = await readRunRecords(folder);
  if (damaged.length > 0) throw new UserError(damaged.join('\n'));
  const byName = new Map(results.map((result) => [result.record.name, result.record]));
  const lists = new Map<string, Promise<Pair>>();
  const dataOf = (names: readonly string[], limit: number | null) => {
    const place = JSON.stringify([names, limit]);
    const known = lists.get(place) ?? fingerprints(names, limit, dataFolder);
    lists.set(place, known);
    return known;
  };

  /** A run whose head began as another's names that run's key among its weights. */
  const weightsOf = async (record: RunRecord): Promise<Pair> => {
    const { initialHead } = record.config as Config;
    if (initialHead === null || initialHead === undefined) {
      return { old: record.weights.fingerprint, fresh: record.weights.fingerprint };
    }
    const head = byName.get(initialHead);
    if (!head)
      throw new UserError(
        `${join(folder, record.name)}: there is no record of ${initialHead}, whose head it began with`,
      );
    const [backbone, key] = [await weightsOf(head), await keyOf(head)];
    return { old: hashOf([backbone.old, key.old]), fresh: hashOf([backbone.fresh, key.fresh]) };
  };
  const keyOf = async (record: RunRecord): Promise<Pair> => {
    const { old, fresh } = await versionsOf(record);
    return { old: old.key, fresh: fresh.key };
  };
  const versionsOf = async (record: RunRecord): Promise<{ old: RunRecord; fresh: RunRecord }> => {
    const config = record.config as Config;
    const [train, evaluate] = [
      await dataOf(config.train, config.limit),
      await dataOf(config.evaluate, config.limit),
    ];
    const weights = await weightsOf(record);
    const version = (which: keyof Pair): RunRecord => {
      const data = {
        train: { ...record.data.train, fingerprint: train[which] },
        evaluate: { ...record.data.evaluate, fingerprint: evaluate[which] },
      };
      const used = { ...record.weights, fingerprint: weights[which] };
      return { ...record, data, weights: used, key: runKey(record.config, data, used) };
    };
    return { old: version('old'), fresh: version('fresh') };
  };

  const changes: { result: ExperimentResult; fresh: RunRecord }[] = [];
  const unchanged: string[] = [];
  for (const result of results) {
    const { key } = result.record;
    const { old, fresh } = await versionsOf(result.record);
    if (key === fresh.key) unchanged.push(result.record.name);
    else if (key === old.key) changes.push({ result, fresh });
    else
      throw new UserError(
        `${result.path}: was made from other data than those at hand; set YOLOV1_DATA to the same`,
      );
  }
  for (const { result, fresh } of changes) await write(result, fresh);
  for (const { fresh } of changes) {
    if (!(await findRunRecord(folder, fresh.name, fresh.key)))
      throw new Error(`${fresh.name}: is not found under its key`);
  }
  return { changed: changes.map(({ fresh }) => fresh.name), unchanged };
}

async function write(
  { path, metrics, evaluation, memory }: ExperimentResult,
  fresh: RunRecord,
): Promise<void> {
  const { hash: _, ...values } = fresh;
  const hash = recordHash(values, { metrics, evaluation, memory });
  await writeWholeFile(join(path, FILES.record), `${JSON.stringify({ ...values, hash }, null, 2)}\n`);
  const [plain, keyed] = recordFolders(dirname(path), fresh.name, fresh.key);
  if (basename(path) !== basename(plain)) await rename(path, keyed);
}

async function fingerprints(
  names: readonly string[],
  limit: number | null,
  dataFolder: string | undefined,
): Promise<Pair> {
  const { data } = await readData(names, { limit: limit ?? null, classes: null }, dataFolder);
  return { old: oldFingerprintOf(data.items), fresh: data.fingerprint };
}

/** As it was made before: keys and annotations only. */
export function oldFingerprintOf(items: readonly AnnotatedItem[]): string {
  const hash = createHash('sha256');
  for (const { key, annotation } of items) {
    const { width, height, objects } = annotation;
    const boxes = objects.map(({ name, box, difficult }) => [
      name,
      box.left,
      box.top,
      box.right,
      box.bottom,
      difficult,
    ]);
    hash.update(`${JSON.stringify([key, width, height, boxes])}\n`);
  }
  return hash.digest('hex');
}

async function main(): Promise<void> {
  const folders = process.argv.slice(2);
  for (const folder of folders.length > 0 ? folders : [join(__dirname, '..', 'report', 'runs')]) {
    const { changed, unchanged } = await migrateRecords(folder);
    console.log(
      `${folder}: ${changed.length} records have new fingerprints, ${unchanged.length} had them already`,
    );
  }
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error instanceof UserError ? messageOf(error) : error);
    process.exitCode = 1;
  });
}
