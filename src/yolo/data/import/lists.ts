import { posix } from 'node:path';
import { counted } from '../../core/counted';
import { Random } from '../../core/random';
import { PICTURE_ENDINGS, stemOf } from '../fileIndex';

const NAMES: readonly [list: string, names: RegExp][] = [
  ['train', /^train(?:ing)?(?:\d{4})?$/i],
  ['val', /^(?:val(?:id(?:ation)?)?|dev)(?:\d{4})?$/i],
  ['test', /^test(?:ing)?(?:\d{4})?$/i],
];

/** The list that a name such as `valid` or `train2017` means. */
export function listNamed(name: string): string | undefined {
  return NAMES.find(([, names]) => names.test(name))?.[0];
}

/** The list that a path's folders say, or the parts of its file name where `withName` is set. */
export function listOfPath(path: string, withName = false): string | undefined {
  const parts = withName ? path.split(/[/_.\s-]+/) : posix.dirname(path).split('/');
  return parts.map(listNamed).find((list) => list !== undefined);
}

/** A file of a source that lists pictures. */
export interface ListFile {
  readonly file: string;
  /** The list that its name means. */
  readonly list: string;
  /** What each line names; undefined where that is no picture of the set, or could be several. */
  readonly lines: ReadonlyMap<string, string | undefined>;
}

/**
 * The list of each picture by the files that list them: that of the first which names it.
 *
 * @param remarks - Takes a sentence for each thing that a file says and that is not done.
 */
export function listsBy(listFiles: readonly ListFile[], remarks: string[]): Map<string, string> {
  const lists = new Map<string, string>();
  for (const { file, list, lines } of listFiles) {
    const unknown: string[] = [];
    const taken: string[] = [];
    for (const [line, picture] of lines) {
      if (picture === undefined) unknown.push(line);
      else if (!lists.has(picture)) lists.set(picture, list);
      else if (lists.get(picture) !== list) taken.push(`${picture} in ${lists.get(picture)}`);
    }
    const of = (some: readonly string[]) => `for ${some.length} of its ${counted(lines.size, 'line')}`;
    if (lines.size === 0) remarks.push(`${file}: names no picture`);
    if (unknown.length > 0)
      remarks.push(`${file}: no picture is imported ${of(unknown)}, such as '${unknown[0]}'`);
    if (taken.length > 0)
      remarks.push(`${file}: the picture stays in another list ${of(taken)}, such as ${taken[0]}`);
  }
  return lists;
}

/**
 * Divides pictures into `train` and `val`. What was made from one original stays together: Roboflow writes several
 * changed copies of a picture, named `<original>.rf.<hash>`.
 *
 * @param pictures - Paths; their order doesn't matter.
 * @param share - Of the pictures that go to `val`, above 0 and below 1; at least one does, if there are two.
 * @returns The list of each picture.
 */
export function drawLists(
  pictures: readonly string[],
  share: number,
  seed: number | string,
): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const picture of [...pictures].sort()) {
    const original = stemOf(picture, PICTURE_ENDINGS)!.replace(/\.rf\.[^/]*$/, '');
    groups.set(original, [...(groups.get(original) ?? []), picture]);
  }
  const wanted = Math.max(1, Math.round(pictures.length * share));
  const lists = new Map<string, string>();
  const shuffled = new Random(seed).fork('lists').shuffled([...groups.values()]);
  let evaluated = 0;
  for (const [index, group] of shuffled.entries()) {
    const isLast = index === shuffled.length - 1;
    const list = evaluated < wanted && !(isLast && evaluated === 0) ? 'val' : 'train';
    if (list === 'val') evaluated += group.length;
    for (const picture of group) lists.set(picture, list);
  }
  return lists;
}
