import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import { request, TemporaryFailure } from '../fetch/request';

/** No photograph is larger; an answer without end must not fill memory. */
const MOST_BYTES = 128 * 2 ** 20;
/** Milliseconds in which a server has to send its next bytes. */
const SILENCE = 30_000;

/**
 * Fetches a picture into a folder. What kind of file it is shows when it is decoded.
 *
 * @param options.silence - Milliseconds without a byte after which the server is given up. Default 30 seconds.
 * @param options.signal - Ends it at once; its reason is thrown.
 * @returns Path of the copy.
 * @throws {@link UserError} if the address is none, can't be reached, redirects without end, answers with an error, with
 * nothing, or with more than 128 MB.
 */
export async function fetchPicture(
  url: string,
  folder: string,
  { silence = SILENCE, signal }: { silence?: number; signal?: AbortSignal } = {},
): Promise<string> {
  const controller = new AbortController();
  const quiet = new UserError(`${url}: the server has sent nothing for ${silence / 1000} s; try again later`);
  let timer = setTimeout(() => controller.abort(quiet), silence);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(quiet), silence);
  };
  const stop = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    const { response } = await request(url, {}, controller.signal);
    if (!response.ok) {
      throw new UserError(`${url}: the server answers ${response.status}; check the address`);
    }
    // A body whose compression is broken neither ends nor fails by itself.
    const silent = new Promise<never>((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
    });
    const content = await Promise.race([contentOf(url, response, alive), silent]);
    const path = join(folder, createHash('sha256').update(url).digest('hex'));
    await writeFile(path, content);
    return path;
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    if (error instanceof UserError) throw error;
    const why = error instanceof TemporaryFailure ? messageOf(error) : 'the connection broke off';
    throw new UserError(`${url}: ${why}; try again later`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    controller.abort();
  }
}

async function contentOf(url: string, response: Response, alive: () => void): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    alive();
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new UserError(`${url}: sends more than ${MOST_BYTES / 2 ** 20} MB; expected a picture`);
    }
    parts.push(part);
  }
  if (bytes === 0) throw new UserError(`${url}: the server sends an empty file; check the address`);
  return Buffer.concat(parts);
}
