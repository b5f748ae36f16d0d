import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { descendingOrder } from './descendingOrder';

const reference = (values: ArrayLike<number>) =>
  Array.from(values, (_, index) => index).sort((a, b) => values[b] - values[a] || a - b);

describe('descendingOrder', () => {
  it('puts large before small and keeps equal values in order of index', () => {
    assert.deepEqual([...descendingOrder(Float64Array.of(1, 3, -2, 3, 0, -0, 0))], [1, 3, 0, 4, 5, 6, 2]);
  });

  it('orders any numbers as a comparison does, in lists short and long', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 1, -1, 0.5),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    );
    for (const size of [20, 400]) {
      fc.assert(
        fc.property(fc.array(number, { maxLength: size, size: 'max' }), (list) => {
          assert.deepEqual([...descendingOrder(Float64Array.from(list))], reference(list));
          const singles = Float32Array.from(list);
          assert.deepEqual([...descendingOrder(singles)], reference(singles));
        }),
        { numRuns: 200 },
      );
    }
  });
});
