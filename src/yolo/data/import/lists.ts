import { posix } from 'node:path';
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
