import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { barChart } from './barChart';
import { chart } from './chart';
import { dotChart } from './dotChart';
import type { Figure } from './figure';
import { makeFigure } from './figure';
import { figureFromHtml, figureHtml } from './figureHtml';
import { heatMap } from './heatMap';
import { histogram } from './histogram';
import { lineChart } from './lineChart';
import { precisionRecallChart } from './precisionRecallChart';
import { THEME } from './style/theme';

const texts = {
  label: 'a-chart',
  caption: 'Parts of the loss. It falls.',
  alt: 'Two falling lines.',
  runs: [],
};

/** The texts of an SVG, in their order. */
function words(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
}

const twoLines = () =>
  lineChart({ yTitle: 'loss', series: { coordinates: [4, 2, 1], 'no object': [9, Number.NaN, 3] } }, texts);

test('a line chart has its axes, its lines by name and its words as text', async () => {
  const { svg } = await twoLines();
  for (const word of ['coordinates', 'no object', 'epoch', 'loss'])
    assert.ok(words(svg).includes(word), word);
  assert.match(svg, /^<svg [^>]*viewBox="0 0 \d+ \d+"[^>]* role="img" aria-label="Two falling lines\.">/);
  assert.match(svg, /<title>Parts of the loss\.<\/title><desc>Two falling lines\.<\/desc>/);
  assert.match(svg, new RegExp(`stroke="${THEME.series1.light}"`));
  assert.match(svg, new RegExp(`stroke="${THEME.series2.light}"`));
});

test('a value that is not finite leaves a gap in the line and null in the table', async () => {
  const { data } = await twoLines();
  assert.deepEqual(data[1], { epoch: 2, coordinates: 2, 'no object': null });
});

test('marks say their values in a tooltip', async () => {
  const { svg } = await twoLines();
  assert.match(svg, /<title>[^<]*9[^<]*<\/title>/);
});

test('the same chart is drawn the same, byte for byte, whatever was drawn before', async () => {
  const first = await twoLines();
  await heatMap({ values: [[1, 2]], valueTitle: 'confidence' }, texts);
  assert.equal((await twoLines()).svg, first.svg);
});

test('a dot chart has a dot for each measurement, and says their mean and number', async () => {
  const rows = [
    { name: 'three seeds', values: [0.1, 0.2, 0.3] },
    { name: 'one seed', values: [0.15] },
  ];
  const { svg, data } = await dotChart(
    { rows, valueTitle: 'mAP', reference: { name: 'before', value: 0.25 } },
    texts,
  );
  for (const word of ['three seeds', '0.200, n = 3', '0.150', 'before 0.250']) {
    assert.ok(words(svg).includes(word), word);
  }
  const tips = [...svg.matchAll(/<title>(mAP: [^<]*)<\/title>/g)].map((match) => match[1]);
  assert.deepEqual(tips, [
    'mAP: 0.1; name: three seeds',
    'mAP: 0.2; name: three seeds',
    'mAP: 0.3; name: three seeds',
    'mAP: 0.15; name: one seed',
  ]);
  assert.deepEqual(
    { ...data[0], mAP: Number(data[0].mAP).toFixed(6) },
    {
      name: 'three seeds',
      mAP: '0.200000',
      least: 0.1,
      most: 0.3,
      runs: 3,
    },
  );
});

test('kinds of a dot chart differ in colour and stand below each other', async () => {
  const { svg, data } = await dotChart(
    {
      rows: [
        { name: 'a', kind: 'claimed', values: [0.5] },
        { name: 'a', kind: 'measured', values: [0.5] },
      ],
      valueTitle: 'mAP',
    },
    texts,
  );
  assert.ok(words(svg).includes('claimed') && words(svg).includes('measured'));
  assert.match(svg, new RegExp(THEME.series2.light));
  assert.deepEqual(data[1], { name: 'a', kind: 'measured', mAP: 0.5, least: 0.5, most: 0.5, runs: 1 });
});

test('a picture program that knows no CSS draws it as a browser does, on white', async () => {
  const { svg } = await twoLines();
  const { data, info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([...data.subarray(0, 3)], [255, 255, 255]);
  const blue = [0x00, 0x67, 0xa5];
  let found = 0;
  for (let k = 0; k < data.length; k += info.channels) {
    if (blue.every((value, channel) => data[k + channel] === value)) found++;
  }
  assert.ok(found > 100, `${found} blue pixels`);
});

test('bars are sorted, with value, n and a line for the mean', async () => {
  const bars = [
    { name: 'cat', value: 0.125, n: 14 },
    { name: 'person', value: 0.5, n: 1200 },
    { name: 'cow', value: null, n: 0 },
  ];
  const { svg, data } = await barChart(
    { bars, valueTitle: 'AP@.5', references: [{ name: 'mean', value: 0.3125 }] },
    texts,
  );
  const all = words(svg);
  assert.deepEqual(
    all.filter((word) => ['person', 'cat', 'cow'].includes(word)),
    ['person', 'cat', 'cow'],
  );
  for (const word of ['0.500', 'n = 1200', '0.125', 'n = 14', 'none', 'mean 0.313'])
    assert.ok(all.includes(word), word);
  assert.deepEqual(data[0], { name: 'person', 'AP@.5': 0.5, n: 1200 });
  assert.deepEqual(data[2], { name: 'cow', 'AP@.5': null, n: 0 });
});

test('names of bars are not cut off where they begin alike, and the numbers under them do not touch', async () => {
  const names = ['frozen', 'of the batch'].map((end) => `trained head, rate 1e-5, BatchNorm ${end}`);
  const { svg } = await barChart(
    { bars: names.map((name, k) => ({ name, value: 0.17 - k / 100 })), valueTitle: 'mAP' },
    texts,
  );
  const all = words(svg);
  for (const name of names) assert.ok(all.includes(name), name);
  assert.deepEqual(
    all.filter((word) => /^0\.\d\d$/.test(word)),
    ['0.00', '0.05', '0.10', '0.15'],
  );
});

test('a histogram counts every value once, the largest in the last bin', async () => {
  const { data } = await histogram({ values: [0, 0.1, 0.5, 0.9, 1], title: 'width', bins: 2 }, texts);
  assert.deepEqual(data, [
    { from: 0, to: 0.5, count: 2 },
    { from: 0.5, to: 1, count: 3 },
  ]);
});

test('a heat map has a cell for every value and writes numbers where they fit', async () => {
  const { svg, data } = await heatMap(
    {
      values: [
        [0, 0.25],
        [0.5, 1],
      ],
      valueTitle: 'confidence',
      rows: ['top', 'bottom'],
    },
    texts,
  );
  assert.equal(data.length, 4);
  assert.deepEqual(data[3], { row: 'bottom', column: '1', confidence: 1 });
  for (const word of ['top', 'bottom', '0.25', '1.00', 'confidence'])
    assert.ok(words(svg).includes(word), word);
});

test('whole numbers in a heat map have no digits behind a point', async () => {
  const { svg } = await heatMap({ values: [[3, 1192]], valueTitle: 'times' }, texts);
  assert.ok(words(svg).includes('1192'));
  assert.ok(!words(svg).some((word) => word.endsWith('.00')));
});

test('long names beside the lines make the plot narrower, not the drawing wider', async () => {
  const names = Array.from({ length: 6 }, (_, k) => `an arm with a long name, number ${k}`);
  const { svg } = await lineChart(
    { yTitle: 'loss', series: Object.fromEntries(names.map((name) => [name, [2, 1]])) },
    texts,
  );
  assert.ok(Number(/ width="(\d+)"/.exec(svg)?.[1]) < 660);
  for (const name of names) assert.ok(words(svg).includes(name), name);
});

test('points are circles whose tooltips have four digits at most', async () => {
  const { svg, data } = await lineChart({ yTitle: 'loss', series: { all: [1 / 3, 1e-7 / 3, 12.5] } }, texts);
  assert.equal(svg.match(/<circle cx="[\d.]+" cy="[\d.]+" r="[\d.]+"/g)?.length, 3);
  assert.match(svg, /<title>[^<]*0\.3333;[^<]*<\/title>/);
  assert.match(svg, /<title>[^<]*3\.333e-8;[^<]*<\/title>/);
  assert.match(svg, /<title>[^<]*12\.5;[^<]*<\/title>/);
  assert.equal(data[0].all, 1 / 3);
});

test('precision over recall: the values where a curve turns, up to the first 0; one panel by itself has no title', async () => {
  const small = [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0, 0, 0, 0];
  const large = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
  const { data, svg } = await precisionRecallChart({ person: { small, large } }, texts);
  assert.deepEqual(
    data.map(({ recall, ...precision }) => [recall, precision.small, precision.large]),
    [
      [0, 1, 1],
      [0.2, 1, 1],
      [0.3, 0.5, 1],
      [0.5, 0.5, 1],
      [0.6, 0.25, 1],
      [0.7, 0, 1],
      [1, 0, 1],
    ],
  );
  assert.ok(!words(svg).includes('person'));
});

test('precision over recall by class: a panel with its title for each, a line and a name for each detector', async () => {
  const panel = { frozen: [0.5, 0], 'fine-tuned': [1, 0.25] };
  const { data, svg } = await precisionRecallChart({ person: panel, 'boat 0.3': panel }, texts);
  for (const word of ['person', 'boat 0.3', 'frozen', 'fine-tuned', 'recall', 'precision'])
    assert.ok(words(svg).includes(word), word);
  assert.deepEqual(data[3], { class: 'boat 0.3', recall: 1, frozen: 0, 'fine-tuned': 0.25 });
  assert.equal(data.length, 4);
});

test('precision over recall of other detectors than in the first panel, or of another length, is refused', async () => {
  const panels = { person: { frozen: [1, 0] }, dog: { tuned: [1, 0] } };
  await assert.rejects(precisionRecallChart(panels, texts), /panel 'dog': got tuned, expected frozen/);
  await assert.rejects(precisionRecallChart({}, texts), /panels: got none/);
  await assert.rejects(
    precisionRecallChart({ dog: { frozen: [1] } }, texts),
    /curve 'frozen' of panel 'dog': got 1 point, expected 2/,
  );
  await assert.rejects(
    precisionRecallChart({ dog: { frozen: [1, 1, 0], tuned: [1, 0] } }, texts),
    /curve 'tuned' of panel 'dog': got 2 points, expected 3/,
  );
});

test('nothing is loaded: data by address is refused, from a network or from disk', async () => {
  for (const url of ['https://example.org/a.json', 'file:///etc/hostname', 'package.json']) {
    const spec = { data: { url }, mark: 'point', encoding: { x: { field: 'a', type: 'quantitative' } } };
    await assert.rejects(chart(spec, texts), /is not loaded: a chart's values must be inside/);
  }
});

test('what Vega-Lite would only warn of is an error', async () => {
  const spec = { data: { values: [{ a: 1 }] }, mark: 'point', encoding: { xx: { field: 'a' } } };
  await assert.rejects(chart(spec as never, texts), /the chart can't be drawn as specified: .*xx/);
});

test('a figure without words, or with a label that can not be one, is refused', async () => {
  const series = { loss: [1, 2] };
  for (const [wrong, message] of [
    [{ ...texts, alt: ' ' }, /^RangeError: alt of figure 'a-chart': got nothing/],
    [{ ...texts, caption: '' }, /^RangeError: caption of figure 'a-chart': got nothing/],
    [{ ...texts, label: 'A chart' }, /^RangeError: label: got 'A chart', expected lower-case/],
  ] as const) {
    await assert.rejects(lineChart({ series, yTitle: 'loss' }, wrong), message);
  }
});

test('wrong arguments are named', async () => {
  const seven = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, [1]]));
  await assert.rejects(
    lineChart({ series: seven, yTitle: 'y' }, texts),
    /series: got 7 lines, expected 1 to 6/,
  );
  await assert.rejects(
    lineChart({ series: { a: [1, 2], b: [1] }, yTitle: 'y' }, texts),
    /series 'b': got 1 value, expected 2/,
  );
  await assert.rejects(barChart({ bars: [], valueTitle: 'AP' }, texts), /bars: got none/);
  await assert.rejects(dotChart({ rows: [], valueTitle: 'AP' }, texts), /rows: got none/);
  await assert.rejects(
    dotChart({ rows: [{ name: 'a', values: [] }], valueTitle: 'AP' }, texts),
    /row 'a': got none, expected at least one value/,
  );
  await assert.rejects(histogram({ values: [1, Number.NaN], title: 'x' }, texts), /values: got NaN/);
  await assert.rejects(
    heatMap({ values: [[1, 2], [3]], valueTitle: 'v' }, texts),
    /values\[1\]: got 1 cell, expected 2/,
  );
});

test('a figure carries the names of the runs it was made from, never their folders', () => {
  const body = { width: 1, height: 1, body: '' };
  const texts = { label: 'one', caption: 'One.', alt: 'One.', runs: [] };
  const run = { path: '/home/me/report/runs/03-sigmoid-mini' };
  const figure = makeFigure(body, { ...texts, runs: [run, run, { path: 'memory.json' }] }, []);
  assert.deepEqual(figure.runs, ['03-sigmoid-mini', 'memory.json']);
  assert.deepEqual(figureFromHtml(figureHtml(figure))?.runs, figure.runs);
  assert.ok(!figure.svg.includes('/home'));
  const without = makeFigure(body, texts, []);
  assert.deepEqual(figureFromHtml(figureHtml(without))?.runs, []);
  const older = { ...without, svg: without.svg.replace(',"runs":[]', '') };
  assert.equal(figureFromHtml(figureHtml(older))?.runs, undefined);
  const damaged = { ...figure, svg: figure.svg.replace('"03-sigmoid-mini"', '7') };
  assert.throws(() => figureFromHtml(figureHtml(damaged)), /names its runs by something other than text/);
});

test('a figure comes back whole from a notebook output, whatever its words contain', async () => {
  const hostile = {
    label: 'hostile',
    caption: '</figcaption><script>alert(1)</script> $\\lambda$ & "more" ü €',
    alt: `"><img src=x onerror='alert(1)'> </metadata>]]>`,
    runs: [],
  };
  const figure: Figure = await lineChart(
    { series: { '</metadata><script>': [1, 2] }, yTitle: '<b>' },
    hostile,
  );
  assert.doesNotMatch(figure.svg, /<script|<b>|<img/);
  const html = figureHtml(figure);
  assert.doesNotMatch(html, /<script|onerror='/);
  assert.match(figure.narrow!, /^<svg /);
  assert.deepEqual(figureFromHtml(html), figure);
});

test('an output that is no figure gives none, one that only claims to be is refused', () => {
  assert.equal(figureFromHtml('<table></table>'), undefined);
  assert.throws(() => figureFromHtml('<figure data-yolov1-figure="x"></figure>'), /without its SVG/);
  const withSvg = (svg: string) =>
    `<figure data-yolov1-figure="x"><img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
  assert.throws(() => figureFromHtml(withSvg('<svg></svg>')), /without its metadata/);
  assert.throws(() => figureFromHtml(withSvg('<metadata>{</metadata>')), /not JSON/);
  assert.throws(() => figureFromHtml(withSvg('<metadata>{"label":3}</metadata>')), /lacks a label/);
  assert.throws(() => figureFromHtml(withSvg('<metadata>null</metadata>')), /lacks a label/);
});

test('every colour of the theme stands out from the paper, on light and on dark ground', () => {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => {
    const [dark, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  for (const theme of ['light', 'dark'] as const) {
    for (const [name, colour] of Object.entries(THEME)) {
      const least = { paper: 1, grid: 1, axis: 2, ink: 7, muted: 4.5 }[name] ?? 4.5;
      const measured = contrast(colour[theme], THEME.paper[theme]);
      assert.ok(measured >= least, `${name} on ${theme}: ${measured.toFixed(2)}, expected ${least}`);
    }
  }
});
