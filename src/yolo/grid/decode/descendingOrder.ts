// Six digits of 11 bits cover the 64 bits of a number.
const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
const DIGITS = 6;
// Below this an insertion sort beats clearing the histograms.
const SMALL = 96;

let keys = new Uint32Array(0);
let spare = new Int32Array(0);
const counts = new Int32Array(DIGITS * BUCKETS);

/**
 * Indices of `values` from the largest to the smallest; equal values in order of their index.
 *
 * A radix sort on the bits of the numbers: linear time, and digits that all values share (the last 29 bits of numbers
 * that came from float32) cost nothing.
 *
 * @param values - Finite numbers; `NaN` has no order and gives an unspecified one.
 * @param order - Where to write the indices; at least as long as `values`. Default: a new array.
 */
export function descendingOrder(
  values: Float64Array | Float32Array,
  order = new Int32Array(values.length),
): Int32Array {
  const n = values.length;
  for (let i = 0; i < n; i++) order[i] = i;
  if (n <= SMALL) insertionSort(values, order, n);
  else radixSort(values, order, n);
  return order;
}

function insertionSort(values: Float64Array | Float32Array, order: Int32Array, n: number): void {
  for (let i = 1; i < n; i++) {
    const value = values[i];
    let place = i;
    while (place > 0 && values[order[place - 1]] < value) {
      order[place] = order[place - 1];
      place--;
    }
    order[place] = i;
  }
}

function radixSort(values: Float64Array | Float32Array, order: Int32Array, n: number): void {
  if (spare.length < n) {
    keys = new Uint32Array(2 * n);
    spare = new Int32Array(n);
  }
  fillKeys(values, n);
  counts.fill(0);
  for (let i = 0; i < 2 * n; i += 2) {
    for (let digit = 0; digit < DIGITS; digit++) counts[digit * BUCKETS + digitOf(i, digit)]++;
  }
  let from = order;
  let to: Int32Array = spare;
  for (let digit = 0; digit < DIGITS; digit++) {
    const base = digit * BUCKETS;
    if (counts[base + digitOf(0, digit)] === n) continue;
    for (let bucket = 0, sum = 0; bucket < BUCKETS; bucket++) {
      const count = counts[base + bucket];
      counts[base + bucket] = sum;
      sum += count;
    }
    for (let i = 0; i < n; i++) {
      const index = from[i];
      to[counts[base + digitOf(2 * index, digit)]++] = index;
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from.subarray(0, n));
}

/** The bits of each number, turned so that larger numbers have smaller keys: low word, high word. */
function fillKeys(values: Float64Array | Float32Array, n: number): void {
  new Float64Array(keys.buffer, 0, n).set(values);
  for (let i = 0; i < 2 * n; i += 2) {
    const high = keys[i + 1];
    if (high >>> 31 === 0) {
      keys[i] = ~keys[i];
      keys[i + 1] = ~high & 0x7fffffff;
    } else if (high === 0x80000000 && keys[i] === 0) {
      // Minus zero equals zero.
      keys[i] = 0xffffffff;
      keys[i + 1] = 0x7fffffff;
    }
  }
}

/** Digit 0 is the lowest; `i` is the place of the key's low word. The third digit lies across both words. */
function digitOf(i: number, digit: number): number {
  const shift = digit * DIGIT_BITS;
  if (shift >= 32) return (keys[i + 1] >>> (shift - 32)) & (BUCKETS - 1);
  if (shift + DIGIT_BITS <= 32) return (keys[i] >>> shift) & (BUCKETS - 1);
  return ((keys[i] >>> shift) | (keys[i + 1] << (32 - shift))) & (BUCKETS - 1);
}
