import { shown, UserError } from './errors';
import { sha256 } from './sha256';

/** What a {@link Random} needs to go on exactly where it stood; plain data. */
export interface RandomState {
  readonly name: string;
  /** The generator's four 32-bit words. */
  readonly words: readonly [number, number, number, number];
}

/**
 * Seeded random numbers: the generator sfc32 (Chris Doty-Humphrey, PractRand), its state taken from the SHA-256
 * of a name.
 *
 * `fork` gives an independent stream for a named purpose, whatever was drawn from this one before, so that adding a
 * draw in one place doesn't change what another place sees.
 */
export class Random {
  /** The seed and the names of the forks that led here, joined by `/`. */
  readonly name: string;
  readonly #words: Uint32Array;

  /**
   * @param seed - A number or text; equal seeds give equal streams.
   * @throws UserError for anything else.
   */
  constructor(seed: number | string) {
    if (typeof seed !== 'string' && !Number.isFinite(seed)) {
      throw new UserError(`Random: seed is ${shown(seed)}, expected a number or a text`);
    }
    this.name = String(seed);
    const digest = new DataView(sha256(this.name).buffer);
    // The fourth word is a counter, which keeps the period above 2^32 whatever the other three are.
    this.#words = Uint32Array.from([0, 4, 8, 12], (offset) => digest.getUint32(offset, true));
  }

  /** A generator that goes on from a stored state. @param state - What {@link Random.state} gave. */
  static from(state: RandomState): Random {
    const random = new Random(state.name);
    random.#words.set(state.words);
    return random;
  }

  /** The state now; {@link Random.from} goes on from it. */
  get state(): RandomState {
    const [a, b, c, counter] = this.#words;
    return { name: this.name, words: [a, b, c, counter] };
  }

  /**
   * An independent generator, which draws nothing from this one.
   *
   * @param purpose - What it is for, such as `epoch 3`; equal purposes give equal streams.
   */
  fork(purpose: number | string): Random {
    return new Random(`${this.name}/${purpose}`);
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const words = this.#words;
    const [a, b, c, counter] = words;
    const value = (a + b + counter) >>> 0;
    words[0] = b ^ (b >>> 9);
    words[1] = c + (c << 3);
    words[2] = ((c << 21) | (c >>> 11)) + value;
    words[3] = counter + 1;
    return value;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A number in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A number of the standard normal distribution, mean 0 and variance 1 (Box and Muller 1958). */
  normal(): number {
    // 1 - [0, 1): the logarithm of 0 is never taken.
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with the given probability. @param probability - 0..1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One element of a list. @param list - Not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)];
  }

  /** The same elements in random order (Fisher-Yates), as a new list. */
  shuffled<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }
}
