import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chart } from './chart';
import { dotChart } from './dotChart';
import type { Figure } from './figure';
import { figureFromHtml, figureHtml } from './figureHtml';
import { lineChart } from './lineChart';
import { NARROW } from './narrow';
import { precisionRecallChart } from './precisionRecallChart';
import { stackedBars } from './stackedBars';
import { lineLabels } from './style/lineLabels';
import { THEME } from './style/theme';

const texts = { label: 'lines', caption: 'Lines.', alt: 'Lines.', runs: [] };
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);

test('a line of several seeds is their mean, with the least and the most shaded and in the table', async () => {
  const seeds = [
    [1, 2],
    [3, 6],
  ];
  const { svg, data } = await lineChart({ series: { ours: seeds, theirs: [1, 1] }, yTitle: 'mAP' }, texts);
  assert.deepEqual(data, [
    { epoch: 1, ours: 2, 'ours, least': 1, 'ours, most': 3, theirs: 1 },
    { epoch: 2, ours: 4, 'ours, least': 2, 'ours, most': 6, theirs: 1 },
  ]);
  assert.match(svg, /fill-opacity="0\.2"|opacity="0\.2"/);
});

test('lines are named at their ends in their colours, apart from each other, and there is no legend', async () => {
  const { svg } = await lineChart({ series: { first: [1, 2], second: [1, 2.001] }, yTitle: 'y' }, texts);
  assert.deepEqual(
    words(svg).filter((word) => ['first', 'second'].includes(word)),
    ['second', 'first'],
  );
  assert.doesNotMatch(svg, /role-legend/);
  const ends = { width: 100, height: 90, ends: [0, 1] as const, logarithmic: false };
  const places = lineLabels(
    [
      { line: 'a', y: 0.5 },
      { line: 'b', y: 0.5 },
      { line: 'c', y: 0 },
    ],
    { ...ends, names: ['a', 'b', 'c'], colours: ['x', 'y', 'z'] },
  ).map((layer) => (layer as { encoding: { y: { value: number } } }).encoding.y.value);
  assert.deepEqual(places, [45, 60, 90]);
});

test('a name keeps its colour in every chart of its kind', async () => {
  const among = ['squared', 'elementwise', 'product'];
  const { svg } = await lineChart({ series: { product: [1, 2] }, among, yTitle: 'y' }, texts);
  assert.match(svg, new RegExp(`stroke="${THEME.series3.light}"`));
  assert.doesNotMatch(svg, new RegExp(`stroke="${THEME.series1.light}"`));
});

test('axes can be logarithmic, then values must be above 0; computed curves have no dots', async () => {
  const series = { pull: [0.001, 1] };
  const both = { series, x: [1, 16], yTitle: 'pull', logarithmic: 'both' } as const;
  const { svg } = await lineChart(both, texts);
  assert.ok(words(svg).includes('16'));
  assert.match(svg, /<circle/);
  assert.doesNotMatch((await lineChart({ ...both, computed: true }, texts)).svg, /<circle/);
  await assert.rejects(
    lineChart({ series: { pull: [0, 1] }, yTitle: 'pull', logarithmic: true }, texts),
    /pull: got 0, expected values above 0/,
  );
});

test('panels side by side have common axes, their titles and one legend', async () => {
  const lines = { object: [1, 2], 'no object': [2, 1] };
  const { svg, data } = await lineChart({ facet: { squared: lines, product: lines }, yTitle: 'norm' }, texts);
  for (const word of ['squared', 'product', 'object', 'no object']) {
    assert.equal(words(svg).filter((other) => other === word).length, 1, word);
  }
  assert.deepEqual(data[2], { panel: 'product', epoch: 1, object: 1, 'no object': 2 });
  await assert.rejects(
    lineChart({ facet: { a: lines, b: { object: [1, 2] } }, yTitle: 'norm' }, texts),
    /panel 'b': got object, expected object, no object/,
  );
});

test('stacked bars have their parts in order with numbers where there is room', async () => {
  const bars = { scratch: { right: 10, wrong: 89, other: 1 }, tuned: { right: 60, wrong: 38, other: 2 } };
  const { svg, data } = await stackedBars({ bars, valueTitle: 'share (%)' }, texts);
  assert.deepEqual(data[1], { bar: 'tuned', right: 60, wrong: 38, other: 2 });
  const shown = words(svg);
  for (const word of ['scratch', 'tuned', 'right', '89', '60', 'share (%)'])
    assert.ok(shown.includes(word), word);
  assert.ok(!shown.includes('1'));
});

test('bars that are none are refused by name', async () => {
  const wrong = (bars: Record<string, Record<string, number>>, message: RegExp) =>
    assert.rejects(stackedBars({ bars, valueTitle: 'share' }, texts), message);
  await wrong({}, /bars: got 0 parts, expected 1 to 6/);
  await wrong({ a: { x: 1 }, b: { y: 1 } }, /bar 'b': got y, expected x/);
  await wrong({ a: { x: Number.NaN } }, /bar 'a': x is NaN, expected a number from 0/);
});

/** Width of the drawing for phones. */
const narrowWidth = ({ narrow }: Figure) => Number(/^<svg [^>]*?width="(\d+)"/.exec(narrow ?? '')?.[1]);

test('for a phone a chart is drawn again, as wide as its screen, whatever stands beside the plot', async () => {
  const rows = ['a short name', 'a name that takes most of a phone'].map((name) => ({
    name,
    values: [0.1, 0.2],
  }));
  const lines = { 'too long for the side': [1, 2, 3], b: [2, 3, 1] };
  const figures = [
    await dotChart({ rows, valueTitle: 'the mean of something that takes many words to tell' }, texts),
    await lineChart({ series: lines, yTitle: 'loss' }, texts),
    await lineChart({ facet: { one: lines, two: lines, three: lines }, yTitle: 'loss' }, texts),
    await stackedBars({ bars: { one: { a: 1, b: 2 }, two: { a: 2, b: 1 } }, valueTitle: 'share' }, texts),
    await precisionRecallChart({ all: { a: [1, 0], b: [1, 0.5] } }, texts),
    await chart(
      { width: 500, data: { values: [{ n: 1 }] }, mark: 'point', encoding: { x: { field: 'n' } } },
      texts,
    ),
  ];
  for (const figure of figures) {
    assert.ok(Math.abs(narrowWidth(figure) - NARROW) <= 0.05 * NARROW, `${narrowWidth(figure)}`);
  }
  const [dots] = figures;
  for (const { name } of rows) assert.ok(words(dots.narrow!).includes(name), name);
  assert.equal(figureFromHtml(figureHtml(dots))?.narrow, dots.narrow);
  assert.doesNotMatch(dots.narrow!, /<metadata>/);
});

test('what a cut by score leaves of a curve ends where the area under it is reached', async () => {
  const curves = { all: { a: [1, 1, 0], b: [0.5, 0.5, 0] } };
  const { svg } = await precisionRecallChart(curves, texts, { detector: 'a', area: 0.25, words: 'left' });
  const end = /<text transform="translate\(([\d.]+),[^"]*"[^>]*>left<\/text>/.exec(svg)!;
  // A quarter of the plot's 540 pixels, less the four that the words begin before it.
  assert.ok(Math.abs(Number(end[1]) - (0.25 * 540 - 4)) < 2, end[1]);
  await assert.rejects(
    precisionRecallChart(curves, texts, { detector: 'c', area: 0.25, words: 'left' }),
    /kept\.detector: got 'c', expected one of a, b/,
  );
});
