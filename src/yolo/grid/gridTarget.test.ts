import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../core/errors';
import { type Collision, encodeGrid, type GridObject, objectsOf, sliceTarget } from './gridTarget';

const object = (left: number, top: number, right: number, bottom: number, classIndex = 0): GridObject => ({
  box: { left, top, right, bottom },
  classIndex,
});

/** Pictures whose objects lie in distinct cells, with the grid they lie in. */
const spread = fc.integer({ min: 1, max: 20 }).chain((gridSize) =>
  fc.record({
    gridSize: fc.constant(gridSize),
    pictures: fc.array(
      fc
        .uniqueArray(
          fc.record({
            row: fc.nat(gridSize - 1),
            column: fc.nat(gridSize - 1),
            x: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
            y: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
            w: fc.double({ min: 0.01, max: 1, noNaN: true }),
            h: fc.double({ min: 0.01, max: 1, noNaN: true }),
            classIndex: fc.nat(4),
          }),
          { selector: ({ row, column }) => row * gridSize + column, maxLength: 12 },
        )
        .map((cells) =>
          cells.map(({ row, column, x, y, w, h, classIndex }) => {
            const centreX = (column + x) / gridSize;
            const centreY = (row + y) / gridSize;
            // As large as fits around the centre, times w and h.
            const halfWidth = w * Math.min(centreX, 1 - centreX);
            const halfHeight = h * Math.min(centreY, 1 - centreY);
            return object(
              centreX - halfWidth,
              centreY - halfHeight,
              centreX + halfWidth,
              centreY + halfHeight,
              classIndex,
            );
          }),
        ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

const sorted = (objects: GridObject[]) =>
  [...objects].sort(
    (a, b) => a.box.left - b.box.left || a.box.top - b.box.top || a.classIndex - b.classIndex,
  );

describe('encodeGrid', () => {
  it('puts an object into the cell of its centre', () => {
    const target = encodeGrid([[], [object(0.3, 0.5, 0.5, 0.9, 2)]], { gridSize: 4, classes: 3 });
    // Centre (.4, .7): column 1, row 2 of the second picture.
    const cell = 16 + 2 * 4 + 1;
    assert.equal(target.classIndex[cell], 2);
    assert.deepEqual([...target.boxes.subarray(4 * cell, 4 * cell + 4)], [0.3, 0.5, 0.5, 0.9]);
    assert.equal(target.objectCount, 1);
    assert.equal(target.classIndex.filter((index) => index === -1).length, 31);
    assert.deepEqual(target.lost, []);
  });

  it('gives a centre on a line to the right or lower cell, and one on the far edge to the last cell', () => {
    const target = encodeGrid(
      [[object(0.25, 0.25, 0.75, 0.75)], [object(0.9999999, 0.9999999, 1.0000001, 1.0000001)]],
      {
        gridSize: 2,
        classes: 1,
      },
    );
    assert.deepEqual([...target.classIndex], [-1, -1, -1, 0, -1, -1, -1, 0]);
  });

  it('lets the smallest, the largest or the first object have a shared cell, and reports the others', () => {
    const middle = object(0.1, 0.1, 0.3, 0.3, 0);
    const large = object(0, 0, 0.4, 0.4, 1);
    const small = object(0.15, 0.15, 0.2, 0.2, 2);
    const winner = (collision?: Collision) => {
      const target = encodeGrid([[object(0.6, 0.6, 0.9, 0.9)], [middle, large, small]], {
        gridSize: 2,
        classes: 3,
        collision,
      });
      assert.equal(target.objectCount, 2);
      return { classIndex: target.classIndex[4], lost: target.lost };
    };
    assert.deepEqual(winner(), {
      classIndex: 2,
      lost: [
        { picture: 1, object: 0, keptObject: 2, row: 0, column: 0 },
        { picture: 1, object: 1, keptObject: 2, row: 0, column: 0 },
      ],
    });
    assert.deepEqual(winner('smallest'), winner());
    assert.equal(winner('largest').classIndex, 1);
    assert.deepEqual(
      winner('largest').lost.map(({ object }) => object),
      [0, 2],
    );
    assert.equal(winner('first').classIndex, 0);
    assert.deepEqual(
      winner('first').lost.map(({ object }) => object),
      [1, 2],
    );
  });

  it('gives objects in distinct cells back exactly, at every grid size', () => {
    fc.assert(
      fc.property(spread, ({ gridSize, pictures }) => {
        const target = encodeGrid(pictures, { gridSize, classes: 5 });
        assert.deepEqual(target.lost, []);
        assert.deepEqual(objectsOf(target).map(sorted), pictures.map(sorted));
      }),
      { seed: 1 },
    );
  });

  it('keeps or reports every object, however many share a cell', () => {
    const any = fc
      .tuple(
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0.01, max: 0.1, noNaN: true }),
      )
      .map(([left, top, side]) => object(left, top, left + side, top + side));
    fc.assert(
      fc.property(
        fc.array(fc.array(any, { maxLength: 10 })),
        fc.integer({ min: 1, max: 5 }),
        (pictures, gridSize) => {
          const target = encodeGrid(pictures, { gridSize, classes: 1 });
          const kept = objectsOf(target);
          pictures.forEach((objects, picture) => {
            const lost = target.lost
              .filter((one) => one.picture === picture)
              .map((one) => objects[one.object]);
            assert.deepEqual(sorted([...kept[picture], ...lost]), sorted(objects));
          });
          assert.equal(target.objectCount + target.lost.length, pictures.flat().length);
        },
      ),
      { seed: 1 },
    );
  });

  it('names the object that is at fault', () => {
    const encode = (one: GridObject) => () =>
      encodeGrid([[], [object(0, 0, 1, 1), one]], { gridSize: 7, classes: 20 });
    const fails = (one: GridObject, message: RegExp) =>
      assert.throws(encode(one), (error) => error instanceof UserError && message.test(error.message));
    fails(
      object(Number.NaN, 0, 1, 1),
      /objects\[1\]\[1\]\.box is \[NaN, 0, 1, 1\], expected edges from 0 to 1/,
    );
    fails(
      object(10, 20, 110, 90),
      /is \[10, 20, 110, 90\], expected edges from 0 to 1: divide by the picture's/,
    );
    fails(object(0.2, 0, 0.2, 1), /is \[0\.2, 0, 0\.2, 1\], expected left < right and top < bottom/);
    fails(object(0.5, 0, 0.2, 1), /expected left < right/);
    fails(object(0, 0, 1, 1, 20), /classIndex is 20, expected a whole number from 0 to 19/);
    fails(object(0, 0, 1, 1, -1), /classIndex is -1/);
    fails(object(0, 0, 1, 1, 1.5), /classIndex is 1\.5/);
    assert.throws(
      () => encodeGrid([], { gridSize: 0, classes: 1 }),
      /gridSize is 0, expected a whole number above 0/,
    );
    assert.throws(
      () => encodeGrid([], { gridSize: 7, classes: 1, collision: 'biggest' as Collision }),
      /collision is 'biggest', expected smallest, largest or first/,
    );
    assert.throws(() => encodeGrid([], { gridSize: 7.5, classes: 1 }), /gridSize is 7\.5/);
    assert.throws(() => encodeGrid([], { gridSize: 7, classes: 0 }), /classes is 0/);
  });
});

describe('sliceTarget', () => {
  const pictures = [
    [object(0, 0, 0.2, 0.2), object(0.1, 0.1, 0.2, 0.2)],
    [],
    [object(0.5, 0.5, 1, 1, 1), object(0.6, 0.6, 0.9, 0.8)],
    [object(0, 0, 1, 1)],
  ];
  const options = { gridSize: 2, classes: 2 };
  const target = encodeGrid(pictures, options);

  it('is the target of those pictures alone, without copying', () => {
    for (const [start, end] of [
      [0, 1],
      [1, 3],
      [0, 4],
      [3, 4],
    ]) {
      const slice = sliceTarget(target, start, end);
      assert.deepEqual(slice, encodeGrid(pictures.slice(start, end), options));
      assert.equal(slice.boxes.buffer, target.boxes.buffer);
    }
  });

  it('refuses what is no range of pictures', () => {
    for (const [start, end] of [
      [-1, 2],
      [2, 2],
      [0, 5],
      [0.5, 2],
    ]) {
      assert.throws(
        () => sliceTarget(target, start, end),
        /sliceTarget: start and end are .* 0 <= start < end <= 4/,
      );
    }
  });
});
