import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classColumns } from './classColumns';

const classesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `class ${index}`,
    objects: index,
    detections: 0,
    ap: index === 0 ? Number.NaN : index / 100,
  }));

test('few classes stand under each other, each with its objects; without any there is no average precision', () => {
  assert.deepEqual(classColumns(classesOf(3)), [
    'class    n      AP',
    'class 0  0       -',
    'class 1  1  0.0100',
    'class 2  2  0.0200',
  ]);
});

test('many classes take no more lines than twenty, and none is left out', () => {
  for (const count of [20, 21, 80, 365]) {
    const lines = classColumns(classesOf(count));
    assert.ok(lines.length <= 21, `${count} classes: ${lines.length} lines`);
    const names = lines.flatMap((line) => line.match(/class \d+/g) ?? []);
    assert.equal(new Set(names).size, count);
  }
});

test('a name from data reaches the terminal without control characters', () => {
  const [, line] = classColumns([{ name: 'red\u001b[31m', objects: 1, detections: 1, ap: 1 }]);
  assert.ok(!line.includes('\u001b'));
});
