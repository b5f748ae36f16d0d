import { rmSync, writeFileSync } from 'node:fs';
import type { Random } from '../../core/random';

/** What can have become of a file, by name: its content now, or null where it is gone. */
export function damagesOf(
  bytes: Buffer,
  random: Random,
  { flips = 3, swapped }: { flips?: number; swapped?: Buffer } = {},
): [string, Buffer | null][] {
  const flipped = (n: number): [string, Buffer] => {
    const changed = Buffer.from(bytes);
    const place = random.integer(0, bytes.length - 1);
    const bit = random.integer(0, 7);
    changed[place] ^= 1 << bit;
    return [`bit ${bit} of byte ${place} flipped (${n})`, changed];
  };
  return [
    ['gone', null],
    ['empty', Buffer.alloc(0)],
    ['cut off', bytes.subarray(0, bytes.length / 2)],
    ['cut off by a byte', bytes.subarray(0, -1)],
    ['garbage', Buffer.from(Array.from(bytes, () => random.integer(0, 255)))],
    ['zeros', Buffer.alloc(bytes.length)],
    ...(swapped ? [['of another run', swapped] as [string, Buffer]] : []),
    ...Array.from({ length: flips }, (_, n) => flipped(n)),
  ];
}

/** Put damaged content in a file's place. */
export function damage(path: string, content: Buffer | null): void {
  if (content) writeFileSync(path, content);
  else rmSync(path);
}
