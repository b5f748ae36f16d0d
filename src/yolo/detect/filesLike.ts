import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Tells a pattern from a path. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * Files whose paths match a pattern, in the order of their names: `*` is any text and `?` any character within a name,
 * `**` any folders. Names that begin with a dot match only a pattern that does. Nothing is found in a folder that can't
 * be read.
 *
 * @param pattern - With `/` between its parts.
 */
export async function filesLike(pattern: string): Promise<string[]> {
  const parts = pattern.split('/').filter((part, index) => part !== '' || index === 0);
  return match(parts[0] === '' ? '/' : '', parts[0] === '' ? parts.slice(1) : parts);
}

async function match(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return [];
  if (part === '.' || part === '..') return match(join(folder || '.', part), rest);
  const entries = await readdir(folder || '.', { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: string[] = [];
  // `**` stands for no folder as well.
  if (part === '**') found.push(...(await match(folder, rest)));
  const name = expressionOf(part);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // A link may lead back to where it stands: it is no folder to go down into.
    const inside = entry.isDirectory();
    if (part === '**') {
      if (inside && !entry.name.startsWith('.')) found.push(...(await match(path, [part, ...rest])));
    } else if (name.test(entry.name)) {
      if (rest.length > 0) found.push(...(inside || entry.isSymbolicLink() ? await match(path, rest) : []));
      else if (!inside) found.push(path);
    }
  }
  return found;
}

function expressionOf(part: string): RegExp {
  const escaped = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${escaped}$`, 's');
}
