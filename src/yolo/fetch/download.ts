import { basename, dirname } from 'node:path';
import { UserError } from '../core/errors';
import {
  backoffMilliseconds,
  LONGEST_WAIT_MILLISECONDS,
  MAX_ATTEMPTS,
  retryAfterMilliseconds,
} from './backoff';
import { requireSpace } from './disk';
import type { Tools } from './fetchOptions';
import type { Kept, PartialFile, Source } from './partialFile';
import { megabytes } from './progress';
import { receive, tooLarge } from './receive';
import { type Answer, request, TemporaryFailure } from './request';

/** What {@link download} is given. */
export interface DownloadOptions extends Tools {
  /** A larger file is not the one that is wanted, and refused. */
  readonly maxBytes: number;
}

/**
 * Fetches a file until it is whole, in as many attempts as that takes, and leaves it as the partial file.
 *
 * What an earlier call left is resumed if the server still has the same file. After a failure that may be over
 * soon it waits (1, 2, 4, 8, 16 s, or what the server asks for) and goes on; six attempts in a row without a new
 * byte end it. However it ends, the partial file is a true beginning of the file.
 *
 * @returns SHA-256 of the file where the server named it. The bytes are not checked against it here.
 * @throws {@link UserError} if the file can't be had or written; the signal's reason if it is aborted.
 */
export async function download(
  url: string,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<{ sha256?: string }> {
  const { signal, progress, machine } = options;
  let farthest = (await partial.kept(url))?.bytes ?? 0;
  for (let failures = 0; ; ) {
    try {
      const { sha256 } = await attempt(url, partial, options);
      return sha256 ? { sha256 } : {};
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TemporaryFailure)) throw error;
      // Only what gets farther than ever before is progress, or a server that always breaks off at the same byte
      // and can't resume would be asked for ever.
      const kept = await partial.kept(url);
      const bytes = kept?.bytes ?? 0;
      failures = bytes > farthest ? 1 : failures + 1;
      farthest = Math.max(farthest, bytes);
      const pause = error.retryAfterMilliseconds ?? backoffMilliseconds(failures);
      const givenUp =
        failures >= MAX_ATTEMPTS
          ? `given up after ${MAX_ATTEMPTS} attempts`
          : pause > LONGEST_WAIT_MILLISECONDS
            ? `the server asks to come back in ${Math.ceil(pause / 1_000)} s`
            : undefined;
      if (givenUp) {
        throw new UserError(
          `${url}: ${error.message}; ${givenUp}; run the same command later${bytes > 0 && kept?.source.etag ? ` (the first ${megabytes(bytes)} are kept)` : ''}, ` +
            `or get the file by other means and put it at ${partial.target}`,
        );
      }
      progress.say(`${error.message}; next attempt in ${Math.ceil(pause / 1_000)} s`);
      await machine.wait(pause, signal).catch((thrown) => {
        signal.throwIfAborted();
        throw thrown;
      });
    }
  }
}

async function attempt(url: string, partial: PartialFile, options: DownloadOptions): Promise<Source> {
  const { machine, progress } = options;
  const kept = await partial.kept(url);
  if (kept && kept.bytes === kept.source.total) return kept.source;

  // Aborted by the user or by a server that sends nothing.
  const stalled = new AbortController();
  const silence = setTimeout(
    () => stalled.abort(new TemporaryFailure(`nothing came for ${machine.stallMilliseconds / 1_000} s`)),
    machine.stallMilliseconds,
  );
  const signal = AbortSignal.any([options.signal, stalled.signal]);
  try {
    const etag = kept && kept.bytes > 0 ? kept.source.etag : undefined;
    const headers: Record<string, string> = etag ? { range: `bytes=${kept?.bytes}-`, 'if-range': etag } : {};
    const answer = await request(url, headers, signal);
    const { source, position } = await begin(answer, url, etag ? kept : undefined, partial, options.maxBytes);
    if (source.total !== undefined) {
      const rest = source.total - position;
      await requireSpace(machine, dirname(partial.path), rest, `the rest of ${basename(partial.target)}`);
    }
    progress.begin(`fetching ${basename(partial.target)}`, source.total, position);
    try {
      await receive(
        answer.response,
        partial,
        position,
        { ...options, signal },
        () => silence.refresh(),
        source,
      );
    } finally {
      progress.end();
    }
    return source;
  } finally {
    clearTimeout(silence);
    // An answer that wasn't read to its end would keep its connection open.
    stalled.abort();
  }
}

/** Judges an answer: what is coming, and from which byte on. */
async function begin(
  { response, sha256 }: Answer,
  url: string,
  kept: Kept | undefined,
  partial: PartialFile,
  maxBytes: number,
): Promise<{ source: Source; position: number }> {
  const { status, headers } = response;
  if (status === 416) {
    await partial.remove();
    throw new TemporaryFailure('the server has no such rest, beginning anew');
  }
  if (status === 408 || status === 429 || status >= 500) {
    throw new TemporaryFailure(
      `the server answers ${status} ${response.statusText}`.trimEnd(),
      retryAfterMilliseconds(headers.get('retry-after')),
    );
  }
  if (headers.has('content-encoding') && headers.get('content-encoding') !== 'identity') {
    throw new UserError(`${url}: the server compresses the file on the way; give another address with --url`);
  }
  if (status === 206 && kept) {
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
    const same =
      Number(total) === kept.source.total && (headers.get('etag') ?? kept.source.etag) === kept.source.etag;
    if (Number(from) === kept.bytes && same) return { source: kept.source, position: kept.bytes };
    await partial.remove();
    throw new TemporaryFailure('the server has another file now, beginning anew');
  }
  if (status !== 200) {
    throw new UserError(
      `${url}: the server answers ${`${status} ${response.statusText}`.trimEnd()}; give another address with --url, ` +
        `or get the file by other means and put it at ${partial.target}`,
    );
  }
  const etag = headers.get('etag');
  const length = headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) {
    throw tooLarge(url, Number(length), maxBytes);
  }
  const source = {
    url,
    // A weak one does not promise the same bytes.
    ...(etag?.startsWith('"') ? { etag } : {}),
    ...(length !== null ? { total: Number(length) } : {}),
    ...(sha256 ? { sha256 } : {}),
  };
  await partial.start(source);
  return { source, position: 0 };
}
