import { constants } from 'node:fs';
import { UserError } from '../core/errors';
import { cannotWrite } from './disk';
import type { Tools } from './fetchOptions';
import { writeAll } from './machine';
import type { PartialFile, Source } from './partialFile';
import { megabytes } from './progress';
import { TemporaryFailure } from './request';

/**
 * Writes the body of an answer into the partial file.
 *
 * @param start - Where its first byte belongs.
 * @param alive - Told at every piece that came.
 * @throws TemporaryFailure if it ends too early; {@link UserError} if it is too large or can't be written.
 */
export async function receive(
  response: Response,
  partial: PartialFile,
  start: number,
  { signal, progress, machine, maxBytes }: Tools & { maxBytes: number },
  alive: () => void,
  { url, total }: Source,
): Promise<void> {
  let position = start;
  const writing = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw cannotWrite(partial.path, error);
    }
  };
  const file = await writing(machine.open(partial.path, constants.O_WRONLY | constants.O_CREAT));
  try {
    for await (const chunk of chunksOf(response, signal)) {
      alive();
      if (position + chunk.length > maxBytes) throw tooLarge(url, position + chunk.length, maxBytes);
      await writing(writeAll(file, chunk, position));
      position += chunk.length;
      progress.advance(position);
    }
    if (total !== undefined && position !== total) {
      throw new TemporaryFailure(`the connection ended after ${position} of ${total} bytes`);
    }
    await writing(file.sync());
  } finally {
    await file.close();
  }
}

/** The body of an answer; a connection that breaks is a failure that may be over soon. */
async function* chunksOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  for (;;) {
    let next: Awaited<ReturnType<typeof reader.read>>;
    try {
      next = await reader.read();
    } catch (error) {
      signal.throwIfAborted();
      const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
      throw new TemporaryFailure(`the connection broke off${code ? ` (${code})` : ''}`);
    }
    if (next.done) return;
    yield next.value;
  }
}

/** A file of another size than it can have. */
export function tooLarge(url: string, bytes: number, maxBytes: number): UserError {
  return new UserError(
    `${url}: the server sends ${megabytes(bytes)} or more, expected at most ${megabytes(maxBytes)}; it is another file, give another address with --url`,
  );
}
