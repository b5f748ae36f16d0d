import { createHash } from 'node:crypto';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { type Dataset, fingerprintOf } from '../../data/dataset';

/**
 * Split off the pictures that judge a training before it is done: those whose key has the smallest SHA-256, so
 * they are the same for every seed, and a picture that is added moves no other.
 *
 * @param share Of all pictures, above 0 and below 1.
 * @throws UserError if one of the two parts would be empty.
 */
export function holdOut(data: Dataset, share: number): { train: Dataset; heldOut: Dataset } {
  const count = Math.round(data.items.length * share);
  if (count === 0 || count === data.items.length) {
    throw new UserError(
      `config: heldOut is ${share}: of ${counted(data.items.length, 'picture')} that is ${count}; expected some to hold out and ` +
        'some to train on',
    );
  }
  const digest = (key: string) => createHash('sha256').update(key).digest('hex');
  const drawn = data.items
    .map(({ key }) => ({ key, digest: digest(key) }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .slice(0, count);
  const held = new Set(drawn.map(({ key }) => key));
  const part = (inside: boolean): Dataset => {
    const items = data.items.filter(({ key }) => held.has(key) === inside);
    return { ...data, items, fingerprint: fingerprintOf(items, data.classes) };
  };
  return { train: part(false), heldOut: part(true) };
}
