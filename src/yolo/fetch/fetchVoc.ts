import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkArguments, listOf, record, TEXT } from '../core/arguments';
import { UserError } from '../core/errors';
import { alone } from './alone';
import type { VocArchive, VocSet } from './catalogue';
import { cannotWrite, requireSpace } from './disk';
import { download } from './download';
import { FETCH_OPTIONS, type FetchOptions, type Tools, toolsOf } from './fetchOptions';
import { hashFile } from './hashFile';
import { PartialFile } from './partialFile';
import { megabytes } from './progress';
import { parseAddress } from './request';
import { unpack } from './unpack';
import { putInPlace, whatLacks } from './yearFolder';

/** A file system rounds every file up to its blocks; VOC's many small files take some 5 % more. */
const ROUNDED_UP = 1.05;

/** What {@link fetchVoc} did. */
export interface FetchedVoc {
  /** Absolute path of the year's folder. */
  readonly folder: string;
  /** Id lists whose archives were fetched now; none if everything was there. */
  readonly fetched: readonly string[];
}

const SET = record('one of VOC_SETS', {
  year: TEXT,
  archives: listOf('a list of archives', (archive) => {
    const { file, url, md5 } = Object(archive);
    return [file, url, md5].every((text) => typeof text === 'string');
  }),
});

/**
 * Fetches one year of VOC: downloads its archives, checks their MD5, unpacks them, and puts them in place. The year's
 * folder appears when it is complete; an archive's part that is there already is left as it is. An archive that lies
 * in the folder already, got by other means, is checked and used.
 *
 * @param set - One of `VOC_SETS`.
 * @param options - `to` is the folder that holds the years; `url` is a mirror's folder, or an archive in it.
 * @throws UserError if it can't be had, checked or written; the signal's reason if it is aborted. What was
 *   received is kept as `<archive>.part` unless it is proved wrong.
 */
export async function fetchVoc(set: VocSet, options: FetchOptions): Promise<FetchedVoc> {
  checkArguments('fetchVoc', { set, options }, { set: SET, options: FETCH_OPTIONS });
  const devkit = resolve(options.to);
  const folder = join(devkit, set.year);
  const addresses = set.archives.map((archive) => addressOf(archive, set, options.url));
  return alone(devkit, set.year, async () => {
    const tools = toolsOf(options);
    const missing = set.archives.filter((archive) => !existsSync(folder) || whatLacks(folder, archive));
    if (existsSync(folder) && missing.length === set.archives.length) {
      throw new UserError(
        `${folder}: is there and is not complete (${whatLacks(folder, missing[0])}); nothing is overwritten, move it away or give another folder with --to`,
      );
    }
    if (missing.length > 0) {
      const size = megabytes(missing.reduce((sum, { bytes }) => sum + bytes, 0));
      tools.progress.say(
        `${set.year}: ${size} to fetch and to unpack into ${folder}. Nothing that is there is overwritten.`,
      );
    }
    for (const [index, archive] of set.archives.entries()) {
      if (missing.includes(archive)) await add(archive, addresses[index], devkit, set.year, tools);
      // Also of a run that was killed when all was done but this.
      await new PartialFile(join(devkit, archive.file)).remove();
    }
    return { folder, fetched: missing.map(({ list }) => list) };
  });
}

async function add(
  archive: VocArchive,
  url: string,
  devkit: string,
  year: string,
  tools: Tools,
): Promise<void> {
  const path = await acquire(archive, url, devkit, tools);
  // A name that begins with a dot is nobody's year. It may be left of a process that was killed.
  const draft = join(devkit, `.${year}.partial`);
  try {
    await rm(draft, { recursive: true, force: true });
    await requireSpace(tools.machine, devkit, archive.bytes * ROUNDED_UP, `unpacking ${archive.file}`);
    await mkdir(draft).catch((error) => Promise.reject(cannotWrite(draft, error)));
    await unpack(path, {
      wanted: `VOCdevkit/${year}`,
      into: draft,
      maxEntries: archive.maxEntries,
      ...tools,
    });
    const lack = whatLacks(draft, archive);
    if (lack)
      throw new UserError(`${path}: the archive is not complete (${lack}); give another address with --url`);
    await putInPlace(draft, join(devkit, year));
  } finally {
    // Where nothing could be written, there is nothing to remove either.
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The archive, whole and checked: one that was put there by other means, else a download. */
async function acquire(archive: VocArchive, url: string, devkit: string, tools: Tools): Promise<string> {
  const target = join(devkit, archive.file);
  if (existsSync(target)) {
    tools.progress.say(`${target} is there: it is checked and used.`);
    await requireMd5(target, archive, tools, 'remove it to fetch it');
    return target;
  }
  const partial = new PartialFile(target);
  const there = await stat(partial.path).then(
    ({ size }) => size,
    () => 0,
  );
  const needed = Math.max(0, archive.bytes - there) + archive.bytes * ROUNDED_UP;
  await requireSpace(tools.machine, devkit, needed, `fetching and unpacking ${archive.file}`);
  // Twice the known size leaves room for a mirror's own packing, which the MD5 will refuse with a better reason.
  await download(url, partial, { maxBytes: 2 * archive.bytes, ...tools });
  try {
    await requireMd5(
      partial.path,
      archive,
      tools,
      'it was removed; try again, or another address with --url',
    );
  } catch (error) {
    if (error instanceof UserError) await partial.remove();
    throw error;
  }
  return partial.path;
}

async function requireMd5(path: string, { md5 }: VocArchive, tools: Tools, remedy: string): Promise<void> {
  const found = await hashFile(path, 'md5', tools.signal, tools.progress);
  if (found !== md5) {
    throw new UserError(
      `${path}: has MD5 ${found}, expected ${md5}: damaged on the way or another file; ${remedy}`,
    );
  }
}

/** The archive's own address, the same name in a mirror's folder, or the very address of a year's only archive. */
function addressOf(archive: VocArchive, { archives }: VocSet, mirror: string | undefined): string {
  if (mirror === undefined) return archive.url;
  const address = parseAddress(mirror);
  const last = address.pathname.split('/').pop() ?? '';
  if (archives.length === 1 && last.endsWith('.tar')) return address.href;
  const isArchive = archives.some(({ file }) => file === last);
  const folder = isArchive ? address.pathname.slice(0, -last.length) : address.pathname.replace(/\/?$/, '/');
  address.pathname = `${folder}${archive.file}`;
  return address.href;
}
