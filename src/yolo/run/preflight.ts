import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import { mapConcurrently } from '../core/mapConcurrently';
import { unfinishedName } from '../core/unfinished';
import type { AnnotatedItem, Dataset } from '../data/dataset';
import { formatBytes } from '../memory/bytes';

/** Files that are looked at together; far below the limit of open files. */
const OPEN_FILES = 32;
/** Names that a message lists. */
const SHOWN = 3;

/** What is looked at before the first step. */
export interface PreflightOf {
  train: Dataset;
  evaluate: Dataset;
  /** Folders that will be written to, what for, and how much is needed there at least. */
  folders: readonly { path: string; purpose: string; bytes: number }[];
  /** What was found elsewhere, one entry a fault. */
  faults: readonly string[];
}

/**
 * Look at everything that would end a training, or make its result worthless, before its first step.
 *
 * @throws UserError that names all faults at once.
 */
export async function preflight({ train, evaluate, folders, faults }: PreflightOf): Promise<void> {
  const found = [
    ...faults,
    ...faultsOfClasses(train, evaluate),
    ...faultsOfObjects(train, evaluate),
    ...(await faultsOfCommonPictures(train.items, evaluate.items)),
    ...(await Promise.all(folders.map(faultsOfFolder))).flat(),
  ];
  if (found.length > 0) throw new UserError(found.join('; '));
}

function faultsOfClasses(train: Dataset, evaluate: Dataset): string[] {
  if (train.classes.join('\n') === evaluate.classes.join('\n')) return [];
  return [
    `classes: trained on are ${train.classes.join(', ')}, evaluated on ${evaluate.classes.join(', ')}; ` +
      'expected the same in the same order',
  ];
}

function faultsOfObjects(train: Dataset, evaluate: Dataset): string[] {
  const has = ({ items }: Dataset) => items.some(({ annotation }) => annotation.objects.length > 0);
  return [
    ...(has(train) ? [] : ['train: its pictures hold no object, so there is nothing to learn']),
    ...(has(evaluate) ? [] : ['evaluate: its pictures hold no object, so there is nothing to find']),
  ];
}

/** Pictures that are trained on and evaluated on, under the same name or another. */
async function faultsOfCommonPictures(
  train: readonly AnnotatedItem[],
  evaluate: readonly AnnotatedItem[],
): Promise<string[]> {
  const trained = new Set(train.map(({ key }) => key));
  const byName = evaluate.filter(({ key }) => trained.has(key)).map(({ key }) => key);
  if (byName.length > 0) {
    return [commonPictures(byName.length, byName)];
  }
  // Only files of the same length can be the same.
  const sizes = await sizesOf([...train, ...evaluate]);
  const lengths = new Set(train.map(({ imagePath }) => sizes.get(imagePath)));
  const held = evaluate.filter(({ imagePath }) => lengths.has(sizes.get(imagePath)));
  const heldLengths = new Set(held.map(({ imagePath }) => sizes.get(imagePath)));
  const candidates = train.filter(({ imagePath }) => heldLengths.has(sizes.get(imagePath)));
  const contents = new Map<string, string>();
  const hashed = await mapConcurrently(candidates, OPEN_FILES, async ({ key, imagePath }) => ({
    key,
    hash: await contentOf(imagePath),
  }));
  for (const { key, hash } of hashed) contents.set(hash, key);
  const twins = await mapConcurrently(held, OPEN_FILES, async ({ key, imagePath }) => {
    const twin = contents.get(await contentOf(imagePath));
    return twin ? [`${key} is ${twin}`] : [];
  });
  const same = twins.flat();
  return same.length > 0 ? [commonPictures(same.length, same)] : [];
}

function commonPictures(count: number, names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  const more = count > SHOWN ? ' and more' : '';
  return (
    `${count} ${count === 1 ? 'picture is' : 'pictures are'} trained on and evaluated on (${shown}${more}); ` +
    'take them out of one list'
  );
}

async function sizesOf(items: readonly AnnotatedItem[]): Promise<Map<string, number>> {
  const entries = await mapConcurrently(
    items,
    OPEN_FILES,
    async ({ imagePath }) => [imagePath, (await stat(imagePath)).size] as const,
  );
  return new Map(entries);
}

async function contentOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Whether something can be written into a folder, which may not be there yet; leaves nothing behind. */
async function faultsOfFolder({ path, purpose, bytes }: PreflightOf['folders'][number]): Promise<string[]> {
  const made: string[] = [];
  try {
    for (let folder = resolve(path); ; folder = dirname(folder)) {
      if (await stat(folder).catch(() => undefined)) break;
      made.unshift(folder);
    }
    await mkdir(path, { recursive: true });
    const trial = unfinishedName(`${path}/trial`);
    await writeFile(trial, 'x');
    await rm(trial);
    const { bavail, bsize } = await statfs(path);
    if (bavail * bsize < bytes) {
      return [
        `${path}: ${formatBytes(bavail * bsize)} are free, ${purpose} need ${formatBytes(bytes)}; free some or give another folder`,
      ];
    }
    return [];
  } catch (error) {
    return [`${path}: ${purpose} can't be written there (${messageOf(error)}); check space and permission`];
  } finally {
    for (const folder of made.reverse()) await rmdir(folder).catch(() => undefined);
  }
}
