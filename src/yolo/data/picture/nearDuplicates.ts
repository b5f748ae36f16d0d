import type { Picture } from './picture';

/** Side of the small grey copy that pictures are compared by. */
const SIDE = 16;
/** Pixels that are looked at in each of its cells, a side. */
const SAMPLES = 8;
/** Mean difference of two copies, of 255, up to which the pictures count as the same one encoded anew or scaled. */
const SAME = 4;
/** Mean deviation from its own mean below which a copy is too plain to tell pictures apart by. */
const PLAIN = 5;

/** A picture's small grey copy, `[16 * 16]`. */
export function smallCopyOf({ data, width, height }: Picture): Uint8Array {
  const copy = new Uint8Array(SIDE * SIDE);
  for (let cell = 0; cell < copy.length; cell++) {
    const [column, row] = [cell % SIDE, Math.floor(cell / SIDE)];
    let sum = 0;
    for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
      const across = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / SIDE;
      const down = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / SIDE;
      const at = 3 * (Math.floor(down * height) * width + Math.floor(across * width));
      sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    }
    copy[cell] = Math.round(sum / (SAMPLES * SAMPLES));
  }
  return copy;
}

/** A picture of one or several lists. */
export interface ListedCopy {
  readonly id: string;
  readonly lists: readonly string[];
  readonly copy: Uint8Array;
}

/**
 * Pairs of pictures that look the same and stand in different lists: what is trained on is then evaluated on.
 *
 * Only pictures that agree in a quarter of a 64-bit hash are compared, so that the work grows with the number of pictures
 * and not with its square.
 */
export function nearDuplicatesAcross(pictures: readonly ListedCopy[]): [ListedCopy, ListedCopy][] {
  const pairs = new Map<string, [ListedCopy, ListedCopy]>();
  const buckets = new Map<string, ListedCopy[]>();
  for (const picture of pictures) {
    if (deviation(picture.copy) < PLAIN) continue;
    for (const bucket of bucketsOf(picture.copy)) {
      const others = buckets.get(bucket);
      if (!others) {
        buckets.set(bucket, [picture]);
        continue;
      }
      for (const other of others) {
        if (!areApart(other.lists, picture.lists) || difference(other.copy, picture.copy) > SAME) continue;
        pairs.set(JSON.stringify([other.id, picture.id]), [other, picture]);
      }
      others.push(picture);
    }
  }
  return [...pairs.values()];
}

/** Tells whether each of two pictures stands in a list that the other doesn't stand in. */
function areApart(a: readonly string[], b: readonly string[]): boolean {
  return a.some((list) => !b.includes(list)) && b.some((list) => !a.includes(list));
}

/** Four names, each of 16 of the 64 bits that say which parts of a copy are brighter than its mean. */
function bucketsOf(copy: Uint8Array): string[] {
  const parts = Array.from({ length: 64 }, (_, part) => {
    const at = 2 * SIDE * Math.floor(part / 8) + 2 * (part % 8);
    return copy[at] + copy[at + 1] + copy[at + SIDE] + copy[at + SIDE + 1];
  });
  const mean = parts.reduce((sum, value) => sum + value, 0) / parts.length;
  const bits = parts.map((value) => (value > mean ? '1' : '0')).join('');
  return [0, 16, 32, 48].map((start) => `${start}${bits.slice(start, start + 16)}`);
}

function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let cell = 0; cell < a.length; cell++) sum += Math.abs(a[cell] - b[cell]);
  return sum / a.length;
}

function deviation(copy: Uint8Array): number {
  const mean = copy.reduce((sum, value) => sum + value, 0) / copy.length;
  return copy.reduce((sum, value) => sum + Math.abs(value - mean), 0) / copy.length;
}
