import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setMath } from '../text/math';
import { loadFonts, neededFonts } from './fonts';

const PLACE = { notebook: 'n.ipynb', cell: 1, kind: 'Markdown' } as const;

async function familiesFor(tex: string): Promise<string[]> {
  const { files } = neededFonts(await loadFonts(), tex && setMath(tex, true, PLACE));
  return [
    ...new Set([...files.keys()].map((path) => path.replace(/^fonts\/(?:KaTeX_)?([^-]*).*$/, '$1'))),
  ].sort();
}

test('of the families for equations there are those that an equation is set in', async () => {
  assert.deepEqual(await familiesFor('x + 1'), ['Main', 'Math', 'source']);
  assert.deepEqual(await familiesFor('\\mathcal{L} \\in \\mathbb{R}'), [
    'AMS',
    'Caligraphic',
    'Main',
    'source',
  ]);
  assert.deepEqual(await familiesFor('\\sum_i \\biggl( \\mathfrak{a} \\biggr)'), [
    'Fraktur',
    'Main',
    'Math',
    'Size2',
    'Size3',
    'source',
  ]);
});

test('a page without equations needs the fonts of its text only', async () => {
  assert.deepEqual(await familiesFor(''), ['source']);
});

test('the fonts that stand in for the text’s, until that is there, are those that the style asks for', async () => {
  const style = await readFile(join(__dirname, '../../../../report/style.css'), 'utf8');
  const [serif] = /--serif: [^;]*/.exec(style)!;
  const asked = [...serif.matchAll(/"([^"]*, fitted)"/g)].map((match) => match[1]);
  const { css } = await loadFonts();
  const given = [...css.matchAll(/font-family:"([^"]*, fitted)";src:local\([^}]*size-adjust:\d+%/g)];
  assert.ok(asked.length > 0);
  assert.deepEqual(
    given.map((match) => match[1]),
    asked,
  );
});
