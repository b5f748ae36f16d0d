import { closest } from 'fastest-levenshtein';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import type { SourceSet } from './sourceSet';

/** The same set with class names that stand in a line of their own, as a year lists them. */
export function withPlainNames(set: SourceSet): SourceSet {
  const pictures = set.pictures.map((picture) => ({
    ...picture,
    objects: picture.objects.map((object) => ({ ...object, name: plainName(object.name) })),
  }));
  return { ...set, pictures, ...(set.classes ? { classes: set.classes.map(plainName) } : {}) };
}

/** A class name without line breaks and space around it. */
export function plainName(name: string): string {
  return name.replace(/\p{Cc}+/gu, ' ').trim();
}

/** Classes that have objects, or the given ones, of which each must have some. */
export function classesOf(
  set: SourceSet,
  given: readonly string[] | undefined,
  remarks: string[],
): readonly string[] {
  const found = counts(set.pictures.flatMap(({ objects }) => objects.map(({ name }) => name)));
  const names = Object.keys(found);
  const has = (name: string) => Object.hasOwn(found, name);
  if (has('')) {
    const nameless = counted(found[''], 'object is', 'objects are');
    throw new UserError(`${nameless} of a class whose name is empty; name it`);
  }
  if (given) {
    const absent = given.find((name) => !has(name));
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
    return [...new Set(given)];
  }
  // By number: where some have no name there are fewer of them than numbers.
  const ordered = Object.values(set.classes ?? names.sort());
  const unused = ordered.filter((name) => !has(name));
  if (unused.length > 0) remarks.push(`classes without an object are left out: ${unused.join(', ')}`);
  return [...new Set(ordered)].filter(has);
}

/** How often each name stands in a list, in the order of the names. */
export function counts(names: readonly string[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
