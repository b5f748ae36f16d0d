import { createHash } from 'node:crypto';

/** SHA-256 of a value's canonical JSON (keys sorted), in hexadecimal. */
export function hashOf(value: unknown): string {
  const canonical = JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
  return createHash('sha256').update(canonical).digest('hex');
}
