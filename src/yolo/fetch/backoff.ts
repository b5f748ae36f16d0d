/** Attempts in a row that bring no new byte before a download is given up. */
export const MAX_ATTEMPTS = 6;
/** A server that asks for a longer pause is not waited for. */
export const LONGEST_WAIT_MILLISECONDS = 120_000;

/**
 * The pause after so many failed attempts in a row: 1, 2, 4, 8, 16 s.
 *
 * @param failures - 1 or more.
 */
export function backoffMilliseconds(failures: number): number {
  return 1_000 * 2 ** (failures - 1);
}

/**
 * The pause that a `Retry-After` header asks for, in seconds or until a date (RFC 9110, section 10.2.3).
 *
 * @returns Milliseconds, or undefined if there is no such header or it makes no sense.
 */
export function retryAfterMilliseconds(header: string | null, now: number = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
