/** Fractional bits of the roots of the first primes, the constants of FIPS 180-4 (sections 4.2.2 and 5.3.3). */
function rootBits(count: number, root: (prime: number) => number): Uint32Array {
  const words = new Uint32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor ** 2 <= candidate; divisor++)
      if (candidate % divisor === 0) isPrime = false;
    if (isPrime) words[found++] = (root(candidate) % 1) * 2 ** 32;
  }
  return words;
}

const ROUNDS = rootBits(64, Math.cbrt);
const START = rootBits(8, Math.sqrt);
/** Bytes of a block, and of the message's length at the end of the last one. */
const BLOCK = 64;
const LENGTH = 8;

/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8 bytes, 32 bytes. For short texts, and for a browser, where Node's own is missing
 * and the platform's answers later only.
 */
export function sha256(text: string): Uint8Array {
  const message = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((message.length + 1 + LENGTH) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, message.length / 2 ** 29);
  view.setUint32(padded.length - 4, message.length * 8);
  const hash = START.slice();
  for (let block = 0; block < padded.length; block += BLOCK) mix(hash, view, block);
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, k) => {
    digest.setUint32(4 * k, word);
  });
  return new Uint8Array(digest.buffer);
}

const schedule = new Uint32Array(64);

/** Takes one block into the hash (section 6.2.2). */
function mix(hash: Uint32Array, view: DataView, block: number): void {
  for (let t = 0; t < 64; t++) {
    if (t < 16) {
      schedule[t] = view.getUint32(block + 4 * t);
      continue;
    }
    const [early, late] = [schedule[t - 15], schedule[t - 2]];
    const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const large = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    schedule[t] = schedule[t - 16] + small + schedule[t - 7] + large;
  }
  let [a, b, c, d, e, f, g, h] = hash;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + ROUNDS[t] + schedule[t]) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, k) => {
    hash[k] += value;
  });
}

/** Rotated to the right. */
function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
