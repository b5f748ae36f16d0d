import { messageOf, UserError } from '../core/errors';
import { version } from '../core/version';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Failures that a new attempt won't mend. Anything else of the network may be over in a moment. */
const LASTING = /^(ENOTFOUND|ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** A failure that may be over at the next attempt. The message says what happened, without the address. */
export class TemporaryFailure extends Error {
  /** @param retryAfterMilliseconds - The pause that the server asks for. */
  constructor(
    message: string,
    readonly retryAfterMilliseconds?: number,
  ) {
    super(message);
    this.name = 'TemporaryFailure';
  }
}

/** A server's answer, after redirects. */
export interface Answer {
  readonly response: Response;
  /** SHA-256 of the file, hexadecimal, where the server names it. */
  readonly sha256?: string;
}

/**
 * Asks for a file. Follows up to five redirects, to http and https only, and never from https back to http.
 *
 * @param headers - Sent with every request.
 * @param signal - Ends the request; its reason is thrown.
 * @throws {@link TemporaryFailure} if the server can't be reached now.
 * @throws {@link UserError} if the address or a redirect is none that is followed, or the server can't be trusted.
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  let address = parseAddress(url);
  let sha256: string | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await send(address, headers, signal);
    sha256 ??= linkedSha256(response.headers);
    if (!REDIRECTS.has(response.status)) return { response, ...(sha256 ? { sha256 } : {}) };
    await response.body?.cancel();
    address = redirected(address, response.headers.get('location'));
  }
  throw new UserError(`${url}: more than ${MAX_REDIRECTS} redirects; give another address`);
}

/** @throws {@link UserError} if it is no http or https address. */
export function parseAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !['http:', 'https:'].includes(address.protocol)) {
    throw new UserError(
      `'${url}' is no address to fetch from; expected one that begins with http:// or https://`,
    );
  }
  return address;
}

async function send(
  address: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(address, {
      // Bytes are counted and resumed as they are stored, so they must not be compressed on the way.
      headers: { 'user-agent': `yolov1/${version}`, 'accept-encoding': 'identity', ...headers },
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const cause = (error as Error).cause ?? error;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || LASTING.test(code)) {
      throw new UserError(
        `${address}: can't be fetched (${code ?? messageOf(cause)}); check the address and the network`,
      );
    }
    throw new TemporaryFailure(`${address.host} can't be reached (${code})`);
  }
}

function redirected(from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href)) {
    throw new UserError(`${from}: redirects to nowhere ('${location ?? ''}'); give another address`);
  }
  const to = new URL(location, from.href);
  const followed = to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
  if (!followed) {
    throw new UserError(
      `${from}: redirects to ${to.protocol}//, which is not followed; give another address`,
    );
  }
  return to;
}

/** The hub for models names the SHA-256 of a large file in the answer that redirects to its storage. */
function linkedSha256(headers: Headers): string | undefined {
  return /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1];
}
