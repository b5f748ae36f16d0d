import * as v from 'valibot';
import { checkArguments, TEXT } from '../core/arguments';
import { UserError } from '../core/errors';

/** Bytes of each unit; GB is 10^9, GiB 2^30. */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Bytes from a person's words: `6GB`, `5.5 GiB`, `800MB`. A number alone is refused: 6 could be bytes or
 * gigabytes.
 *
 * @param text - Case does not matter.
 * @param name - What is being read, for the message; default `memory`.
 * @throws UserError if it is none of these, or not above 0.
 */
export function parseBytes(text: string, name = 'memory'): number {
  checkArguments('parseBytes', { text, name }, { text: TEXT, name: TEXT });
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (!(bytes > 0 && bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new UserError(`${name} is '${text}', expected a size such as 6GB, 5.5GiB or 800MB`);
  }
  return bytes;
}

/**
 * Bytes for a person, in units of 10^9, 10^6 and 10^3: `1.96 GB`, `830 MB`, `12 kB`.
 * @throws UserError for anything but a number.
 */
export function formatBytes(bytes: number): string {
  checkArguments('formatBytes', { bytes }, { bytes: v.number('a number of bytes') });
  const size = Math.abs(bytes);
  if (size >= 1e9) {
    return `${(bytes / 1e9).toFixed(2)} GB`;
  }
  return size >= 1e6 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e3).toFixed(0)} kB`;
}
