import { checkArguments, record, TEXT } from '../core/arguments';

const BACKEND = record('a backend', { name: TEXT, version: TEXT, device: TEXT });

/**
 * A backend in words, such as `tensorflow 2.21.0 on cpu`.
 *
 * @param backend - Such as `record.backend`.
 * @throws UserError for anything else.
 */
export function describeBackend(backend: { name: string; version: string; device: string }): string {
  checkArguments('describeBackend', { backend }, { backend: BACKEND });
  return `${backend.name} ${backend.version} on ${backend.device}`;
}
