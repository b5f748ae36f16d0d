import { existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkArguments } from '../core/arguments';
import { messageOf, UserError } from '../core/errors';
import { alone } from './alone';
import { RESNET18_WEIGHTS } from './catalogue';
import { cannotWrite, requireSpace } from './disk';
import { download } from './download';
import { FETCH_OPTIONS, type FetchOptions, type Tools, toolsOf } from './fetchOptions';
import { hashFile } from './hashFile';
import { PartialFile } from './partialFile';
import { megabytes } from './progress';
import { parseAddress } from './request';
import { checkResnet18 } from './resnet18File';

/** What {@link fetchResnet18} did. */
export interface FetchedWeights {
  /** Absolute path of the file. */
  readonly path: string;
  /** False if it was there already. */
  readonly fetched: boolean;
}

/**
 * Fetches torchvision's ImageNet weights of ResNet18. The file appears when it is whole and checked: the SHA-256 that
 * is given, else the one that the hub names, and every tensor's name and shape. A good file that is there is left.
 *
 * @param options - `to` is the folder of weights, `sha256` the hash that the file must have.
 * @throws UserError if it can't be had, checked or written; the signal's reason if it is aborted. What was
 *   received is kept as `resnet18.safetensors.part` unless it is proved wrong.
 */
export async function fetchResnet18(options: FetchOptions & { sha256?: string }): Promise<FetchedWeights> {
  checkArguments('fetchResnet18', { options }, { options: FETCH_OPTIONS });
  const folder = resolve(options.to);
  const { file, bytes } = RESNET18_WEIGHTS;
  const url = parseAddress(options.url ?? RESNET18_WEIGHTS.url).href;
  const path = join(folder, file);
  return alone(folder, file, async () => {
    const tools = toolsOf(options);
    const partial = new PartialFile(path);
    const fetched = !existsSync(path);
    if (fetched) {
      tools.progress.say(`${file}: ${megabytes(bytes)} to fetch into ${folder}`);
      const there = await stat(partial.path).then(
        ({ size }) => size,
        () => 0,
      );
      await requireSpace(tools.machine, folder, Math.max(0, bytes - there), `fetching ${file}`);
      const { sha256 } = await download(url, partial, { maxBytes: 2 * bytes, ...tools });
      try {
        await check(partial.path, options.sha256 ?? sha256, tools);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await partial.remove();
        throw new UserError(`${messageOf(error)}; it was removed, try again or another address with --url`);
      }
      await rename(partial.path, path).catch((error) => Promise.reject(cannotWrite(path, error)));
    } else {
      try {
        await check(path, options.sha256, tools);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw new UserError(
          `${messageOf(error)}; nothing is overwritten, move it away or give another folder with --to`,
        );
      }
    }
    await partial.remove();
    return { path, fetched };
  });
}

async function check(path: string, sha256: string | undefined, { signal, progress }: Tools): Promise<void> {
  if (sha256) {
    const found = await hashFile(path, 'sha256', signal, progress);
    if (found !== sha256.toLowerCase()) {
      throw new UserError(
        `${path}: has SHA-256 ${found}, expected ${sha256}: damaged on the way or another file`,
      );
    }
  }
  signal.throwIfAborted();
  await checkResnet18(path);
}
