import { closest } from 'fastest-levenshtein';
import { UserError } from '../../core/errors';
import type { SourceSet } from './sourceSet';

/** Classes that have objects, or the given ones, of which each must have some. */
export function classesOf(
  set: SourceSet,
  given: readonly string[] | undefined,
  remarks: string[],
): readonly string[] {
  const found = counts(set.pictures.flatMap(({ objects }) => objects.map(({ name }) => name)));
  const names = Object.keys(found);
  if (given) {
    const absent = given.find((name) => found[name] === undefined);
    if (absent !== undefined && names.length > 0) {
      throw new UserError(
        `--classes: no object is a '${absent}' (nearest: '${closest(absent, names)}'); the data has ${names.sort().join(', ')}`,
      );
    }
    const others = names.filter((name) => !given.includes(name));
    if (others.length > 0) {
      remarks.push(
        `left out, since --classes doesn't name them: ${others.map((name) => `${found[name]} of '${name}'`).join(', ')}`,
      );
    }
    return given;
  }
  const unused = (set.classes ?? []).filter((name) => name !== undefined && found[name] === undefined);
  if (unused.length > 0) remarks.push(`classes without an object are left out: ${unused.join(', ')}`);
  const order = set.classes ?? names.sort();
  return [...new Set(order)].filter((name) => found[name] !== undefined);
}

/** How often each name stands in a list, in the order of the names. */
export function counts(names: readonly string[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
