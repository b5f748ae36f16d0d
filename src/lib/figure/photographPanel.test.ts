import assert from 'node:assert/strict';
import { test } from 'node:test';
import { photographPanel } from './photographPanel';

const panel = { width: 480, height: 240, objects: [], classes: ['cat', 'dog'], alt: 'A panel.' };
const box = { left: 100, top: 100, right: 300, bottom: 200 };

/** Places of the tags, in their order. */
function tags(svg: string): { y: number; fill: string }[] {
  const found = svg.matchAll(
    /<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="18" fill="(#\w+)"\/><text/g,
  );
  return [...found].map(([, y, fill]) => ({ y: Number(y), fill }));
}

test('a panel is drawn at half the size of a photograph of twice its width, boxes with it', () => {
  const svg = photographPanel({ ...panel, detections: [{ name: 'dog', score: 0.5, box }] });
  assert.match(
    svg,
    /^<svg viewBox="0 0 240 120" width="240" height="120" role="img" aria-label="A panel\.">/,
  );
  // The class has the colour of its place among all that are seen.
  assert.match(svg, /<rect x="50" y="50" width="100" height="50" fill="none" stroke="#3fc8ff"/);
  assert.deepEqual(tags(svg), [{ y: 32, fill: '#3fc8ff' }]);
});

test('tags of boxes in one place do not hide each other, and the surest has the best place', () => {
  const detections = [0.2, 0.9, 0.4].map((score) => ({ name: 'cat', score, box }));
  const svg = photographPanel({ ...panel, detections });
  const words = [...svg.matchAll(/>(cat [\d.]+)<\/text>/g)].map((match) => match[1]);
  assert.deepEqual(words, ['cat 0.20', 'cat 0.40', 'cat 0.90']);
  // Over the upper edge, under it, and over the lower edge: the last drawn is the surest.
  assert.deepEqual(
    tags(svg).map(({ y }) => y),
    [82, 51, 32],
  );
});

test('an annotated object is dashed, and names in links and words are text', () => {
  const svg = photographPanel({
    ...panel,
    picture: { href: 'a"b.webp', id: 'x' },
    detections: [],
    objects: [{ name: '<i>', box }],
    alt: '"<b>"',
  });
  assert.match(svg, /<title>annotated: &lt;i&gt;<\/title>/);
  assert.match(svg, /stroke-dasharray="4 3"/);
  assert.match(svg, /href="a&quot;b\.webp"/);
  assert.match(svg, /aria-label="&quot;&lt;b&gt;&quot;"/);
  assert.doesNotMatch(svg, /not on this machine/);
});
