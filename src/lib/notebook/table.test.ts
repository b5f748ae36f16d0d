import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Display } from './display';
import { type TableCell, table } from './table';

function shown(rows: Record<string, TableCell>[], texts = { caption: 'By loss.', label: 'losses' }): string {
  let text = '';
  const keep = (source: string) => {
    text = source;
  };
  table(rows, texts, { markdown: keep, text: keep } as unknown as Display);
  return text;
}

test('rows become a Markdown table under its caption; numbers stand flush right', () => {
  const text = shown([
    { loss: 'paper', n: 3, map: { markdown: '[0.1](../report/runs/a/evaluation.json#b)' }, share: 1 / 3 },
    { loss: 'ours', n: 1, share: null },
  ]);
  assert.equal(
    text,
    '[Table (losses)](#losses): By loss.\n\n| loss | n | map | share |\n| --- | --: | --: | --: |\n' +
      '| paper | 3 | [0.1](../report/runs/a/evaluation.json#b) | 0.3333 |\n| ours | 1 |  |  |',
  );
});

test('text stays text, whatever it holds', () => {
  const text = shown([{ name: 'a|b\n<img src=x> **x** [y](z) $1$' }]);
  assert.equal(text.split('\n').length, 5);
  assert.match(text, /\| a\\\|b \\<img src=x\\> \\\*\\\*x\\\*\\\* \\\[y\\\]\(z\) \\\$1\\\$ \|$/);
});

test('where there is no row yet, a line says so', () => {
  assert.equal(shown([]), 'Nothing to show yet: By loss.');
});

test('a table that is none is refused', () => {
  assert.throws(() => shown([{ a: 1 }, { b: 1 }]), /row 2 of table 'losses': 'b' is no column/);
  assert.throws(() => shown([{ a: 1 }], { caption: ' ', label: 'x' }), /caption of table 'x': got nothing/);
  assert.throws(() => shown([{ a: 1 }], { caption: 'A.', label: 'X y' }), /label: got 'X y'/);
});
