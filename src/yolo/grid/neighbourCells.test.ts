import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeGrid } from './gridTarget';
import { withNeighbours } from './neighbourCells';

const box = (x: number, y: number, size: number) => ({
  left: x - size / 2,
  top: y - size / 2,
  right: x + size / 2,
  bottom: y + size / 2,
});

/** Class of each cell by row, a dot where it is empty. */
function rows({ classIndex, gridSize }: ReturnType<typeof withNeighbours>, picture = 0): string[] {
  return Array.from({ length: gridSize }, (_, row) =>
    Array.from({ length: gridSize }, (_, column) => {
      const index = classIndex[(picture * gridSize + row) * gridSize + column];
      return index < 0 ? '.' : index;
    }).join(''),
  );
}

test('an object has the cell of its centre and the two nearest, none beyond the picture', () => {
  const target = encodeGrid(
    [
      [{ classIndex: 1, box: box(0.6, 0.55, 0.2) }],
      // In the upper left corner there is no neighbour to the left or above.
      [{ classIndex: 2, box: box(0.1, 0.1, 0.1) }],
    ],
    { gridSize: 4, classes: 3 },
  );
  const spread = withNeighbours(target);
  assert.deepEqual(rows(spread), ['....', '..1.', '.11.', '....']);
  assert.deepEqual(rows(spread, 1), ['2...', '....', '....', '....']);
  assert.equal(spread.objectCount, 4);
  assert.deepEqual(spread.boxes.subarray(4 * 6, 4 * 7), target.boxes.subarray(4 * 10, 4 * 11));
  assert.equal(target.objectCount, 2);
});

test('a centre keeps its cell, and the smaller object takes a neighbour', () => {
  const objects = [
    { classIndex: 0, box: box(0.45, 0.3, 0.5) },
    { classIndex: 1, box: box(0.55, 0.6, 0.1) },
    { classIndex: 2, box: box(0.2, 0.7, 0.2) },
  ];
  const forwards = withNeighbours(encodeGrid([objects], { gridSize: 3, classes: 3 }));
  // The middle cell holds the second object's centre, and those beside it belong to the small one or nobody.
  const backwards = withNeighbours(encodeGrid([[...objects].reverse()], { gridSize: 3, classes: 3 }));
  assert.deepEqual(rows(forwards), rows(backwards));
  assert.equal(rows(forwards)[1][1], '1');
});
