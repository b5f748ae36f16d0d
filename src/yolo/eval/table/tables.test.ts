import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DetectionTableBuilder, detectionTable } from './detectionTable';
import { evaluationIndex } from './evaluationIndex';
import { countObjects, groundTruthTable } from './groundTruthTable';

const box = { left: 0, top: 0, right: 1, bottom: 1 };
const picture = (key: string, ...names: string[]) => ({
  key,
  annotation: {
    id: key,
    width: 10,
    height: 10,
    objects: names.map((name, index) => ({
      name,
      difficult: name === 'dog',
      box: { ...box, right: index + 1 },
    })),
  },
});

describe('evaluationIndex', () => {
  it('numbers pictures by their sorted keys', () => {
    const index = evaluationIndex(['VOC2012/b', 'VOC2007/c', 'VOC2012/a'], ['cat']);
    assert.deepEqual(index.keys, ['VOC2007/c', 'VOC2012/a', 'VOC2012/b']);
    assert.equal(index.pictureOf('VOC2012/b'), 2);
    assert.equal(index.pictureOf('b'), undefined);
  });

  it('refuses keys and classes that stand twice, and no class at all', () => {
    assert.throws(() => evaluationIndex(['a', 'b', 'a'], ['cat']), {
      name: 'UserError',
      message: "keys: picture 'a' stands twice, expected each key once",
    });
    assert.throws(() => evaluationIndex([], ['cat', 'cat']), {
      message: "classes: 'cat' stands twice, expected each name once",
    });
    assert.throws(() => evaluationIndex([], []), {
      message: 'classes: is empty, expected at least one class name',
    });
  });
});

describe('groundTruthTable', () => {
  it('sorts objects by class, then picture, then order in the annotation', () => {
    const table = groundTruthTable(
      [picture('b', 'dog', 'cat'), picture('a', 'cat', 'cat'), picture('c')],
      ['cat', 'dog'],
    );
    assert.deepEqual([...table.classIndex], [0, 0, 0, 1]);
    assert.deepEqual([...table.picture], [0, 0, 1, 1]);
    assert.deepEqual([...table.boxes.filter((_, index) => index % 4 === 2)], [1, 2, 2, 1]);
    assert.deepEqual([...table.offsets], [0, 2, 3, 3, 3, 4, 4]);
    assert.deepEqual([...table.difficult], [0, 0, 0, 1]);
    assert.deepEqual([...countObjects(table)], [3, 0]);
  });

  it('refuses unknown classes and boxes that are none', () => {
    assert.throws(() => groundTruthTable([picture('a', 'cat', 'cow')], ['cat', 'dog']), {
      name: 'UserError',
      message: "picture 'a', object 1: class is 'cow', expected one of cat, dog",
    });
    const flat = picture('a', 'cat');
    flat.annotation.objects[0].box.right = 0;
    assert.throws(() => groundTruthTable([flat], ['cat']), {
      message:
        "picture 'a', object 0: box is left 0, top 0, right 0, bottom 1; expected finite left < right and top < bottom",
    });
  });
});

describe('detectionTable', () => {
  const index = evaluationIndex(['a', 'b'], ['cat', 'dog']);

  it('sorts detections by picture and keeps their order within it', () => {
    const table = detectionTable(index, [
      { key: 'b', detections: [{ classIndex: 1, score: 0.1, box }] },
      {
        key: 'a',
        detections: [
          { classIndex: 0, score: 0.2, box },
          { classIndex: 1, score: 0.3, box },
        ],
      },
    ]);
    assert.deepEqual([...table.picture], [0, 0, 1]);
    assert.deepEqual([...table.score], [0.2, 0.3, 0.1]);
    assert.deepEqual([...table.classIndex], [0, 1, 1]);
    assert.deepEqual([...table.boxes.subarray(8)], [0, 0, 1, 1]);
  });

  it('holds more detections than it began with room for', () => {
    const builder = new DetectionTableBuilder(index);
    for (let row = 0; row < 5000; row++) builder.add(row % 2, 0, row, 0, 0, row + 1, 1);
    const table = builder.build();
    assert.equal(table.length, 5000);
    assert.equal(table.score[2500], 1);
    assert.equal(table.boxes[4 * 2499 + 2], 4999);
  });

  it('says what is wrong with a detection, and which one it is', () => {
    const add =
      (...row: Parameters<DetectionTableBuilder['add']>) =>
      () =>
        new DetectionTableBuilder(index).add(...row);
    const refusals: Array<[() => void, string]> = [
      [add(2, 0, 1, 0, 0, 1, 1), 'picture: is 2, expected a whole number from 0 to 1'],
      [
        add(0, 2, 1, 0, 0, 1, 1),
        "picture 'a', detection 0: classIndex is 2, expected a whole number from 0 to 1",
      ],
      [
        add(0, 0.5, 1, 0, 0, 1, 1),
        "picture 'a', detection 0: classIndex is 0.5, expected a whole number from 0 to 1",
      ],
      [add(1, 0, NaN, 0, 0, 1, 1), "picture 'b', detection 0: score is NaN, expected a finite number"],
      [
        add(1, 0, Infinity, 0, 0, 1, 1),
        "picture 'b', detection 0: score is Infinity, expected a finite number",
      ],
      [
        add(0, 0, 1, 0, 0, NaN, 1),
        "picture 'a', detection 0: box is left 0, top 0, right NaN, bottom 1; expected finite left < right and top < bottom",
      ],
      [
        add(0, 0, 1, 0, 0, 1, 0),
        "picture 'a', detection 0: box is left 0, top 0, right 1, bottom 0; expected finite left < right and top < bottom",
      ],
    ];
    for (const [call, message] of refusals) assert.throws(call, { name: 'UserError', message });
    assert.throws(() => detectionTable(index, [{ key: 'x', detections: [] }]), {
      message: "picture 'x': is not among the 2 pictures of the ground truth",
    });
  });
});
