import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../core/errors';
import type { Annotation } from './annotation';
import { formatAnnotation, parseAnnotation } from './annotationFile';
import { VOC_CLASSES } from './classes';

const SIZE = '<size><width>500</width><height>375</height><depth>3</depth></size>';

function object(box: string, name = 'dog', rest = ''): string {
  const [xmin, ymin, xmax, ymax] = box.split(' ');
  const bounds = `<xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax>`;
  return `<object><name>${name}</name><bndbox>${bounds}</bndbox>${rest}</object>`;
}

function parse(xml: string): Annotation {
  return parseAnnotation(xml, { id: '000001', file: 'a.xml', classes: VOC_CLASSES });
}

function annotation(inside: string): string {
  return `<annotation>${inside}</annotation>`;
}

test('reads size, boxes and the difficult flag; boxes become continuous edges', () => {
  const xml = annotation(
    `<filename>other.jpg</filename>${SIZE}` +
      object('1 1 500 375', 'person', '<difficult>1</difficult>') +
      object('48 240 195 371', 'dog', '<difficult>0</difficult>'),
  );
  assert.deepEqual(parse(`<?xml version="1.0"?>\n${xml}`), {
    id: '000001',
    width: 500,
    height: 375,
    objects: [
      { name: 'person', box: { left: 0, top: 0, right: 500, bottom: 375 }, difficult: true },
      { name: 'dog', box: { left: 47, top: 239, right: 195, bottom: 371 }, difficult: false },
    ],
  });
});

test('a picture without objects is a right annotation', () => {
  assert.deepEqual(parse(annotation(SIZE)).objects, []);
});

test('decimals and spaces around numbers are read', () => {
  const { objects } = parse(
    annotation(SIZE + object('45.700000762939453 1.5 100.25 200').replace('1.5', ' 1.5\n')),
  );
  assert.deepEqual(objects[0].box, { left: 44.70000076293945, top: 0.5, right: 100.25, bottom: 200 });
});

test('numbers are read as XML Schema writes them; an overhang of rounding is cut off', () => {
  const { objects } = parse(annotation(SIZE + object('48. .15e2 5.0E+2 375.00000000000006')));
  assert.deepEqual(objects[0].box, { left: 47, top: 14, right: 500, bottom: 375 });
  assert.deepEqual(
    parse(annotation(SIZE.replace('500', '5e2') + object('0.9999999999 1 500 375'))).objects[0].box.left,
    0,
  );
});

test("XML's own references and marked text are read, in names and numbers", () => {
  const named = (name: string) =>
    parseAnnotation(annotation(SIZE + object('1 1 2 2', name)), {
      id: '1',
      file: 'a.xml',
      classes: ['salt & pepper', '<é>', '&amp;'],
    }).objects[0].name;
  assert.equal(named('salt &amp; pepper'), 'salt & pepper');
  assert.equal(named('&lt;&#233;&gt;'), '<é>');
  assert.equal(named('&#60;&#xE9;>'), '<é>');
  assert.equal(named('<![CDATA[&amp;]]>'), '&amp;');
  assert.equal(parse(annotation(SIZE + object('&#49; 1 2 2'))).objects[0].box.left, 0);
});

test('other words for the difficult flag are read, and said', () => {
  const remarks: string[] = [];
  const flags = ['True', 'Unspecified', '', '1', '0'].map((flag) => {
    const xml = annotation(SIZE + object('1 1 2 2', 'dog', `<difficult>${flag}</difficult>`));
    const remark = (text: string) => remarks.push(text);
    return parseAnnotation(xml, { id: '1', file: 'a.xml', classes: VOC_CLASSES, remark }).objects[0]
      .difficult;
  });
  assert.deepEqual(flags, [true, false, false, true, false]);
  assert.deepEqual(remarks, [
    "object 1 (dog) has <difficult> 'True', read as 1",
    "object 1 (dog) has <difficult> 'Unspecified', read as 0",
    "object 1 (dog) has <difficult> '', read as 0",
  ]);
});

test('parts are ignored, before and after the box of their object', () => {
  const part =
    '<part><name>head</name><bndbox><xmin>5</xmin><ymin>6</ymin><xmax>7</xmax><ymax>8</ymax></bndbox></part>';
  const whole = object('10 20 30 40', 'person', part).replace('<name>person', `${part}<name>person`);
  const { objects } = parse(annotation(SIZE + whole));
  assert.deepEqual(objects, [
    { name: 'person', box: { left: 9, top: 19, right: 30, bottom: 40 }, difficult: false },
  ]);
});

const WRONG: readonly [what: string, xml: string, message: RegExp][] = [
  ['text that is no XML', 'width=500', /^a\.xml: .*XML/],
  ['an empty file', '', /^a\.xml: .*XML/],
  ['XML that ends early', `<annotation>${SIZE}<object>`, /^a\.xml: not well-formed XML \(line 1: /],
  ['binary data', '\u0000\u0001\uFFFD\u0002', /^a\.xml: .*XML/],
  ['another kind of XML', '<svg></svg>', /^a\.xml: has no <annotation> element/],
  ['an empty annotation', '<annotation/>', /^a\.xml: has no <annotation> element|has no <size>/],
  ['no size', annotation(object('1 1 2 2')), /^a\.xml: has no <size>/],
  ['no width', annotation('<size><height>3</height></size>'), /^a\.xml: <width> is missing/],
  ['a width of 0', annotation(SIZE.replace('500', '0')), /^a\.xml: has width 0 in <size>/],
  ['a negative height', annotation(SIZE.replace('375', '-1')), /^a\.xml: has height -1 in <size>/],
  ['half a pixel of width', annotation(SIZE.replace('500', '0.5')), /^a\.xml: has width 0\.5/],
  [
    'a width in words',
    annotation(SIZE.replace('500', 'wide')),
    /^a\.xml: <width> is 'wide', expected a number/,
  ],
  ['two sizes', annotation(SIZE + SIZE), /^a\.xml: <width> is missing|has no <size>/],
  [
    'an object without name',
    annotation(`${SIZE}<object><bndbox/></object>`),
    /^a\.xml: object 1 has no <name>/,
  ],
  ['an empty object', annotation(`${SIZE}<object/>`), /^a\.xml: object 1 is empty/],
  [
    'an unknown class',
    annotation(SIZE + object('1 1 2 2') + object('1 1 2 2', 'bycicle')),
    /^a\.xml: object 2 is of the unknown class 'bycicle' \(nearest known: 'bicycle'\); correct the name$/,
  ],
  [
    'an object without box',
    annotation(`${SIZE}<object><name>cat</name></object>`),
    /^a\.xml: object 1 \(cat\) has no <bndbox>/,
  ],
  [
    'a box without ymax',
    annotation(SIZE + object('1 1 2 2').replace(/<ymax>.*<\/ymax>/, '')),
    /<ymax> is missing/,
  ],
  [
    'a box of words',
    annotation(SIZE + object('a 1 2 2')),
    /^a\.xml: object 1 \(dog\): <xmin> is 'a', expected a number/,
  ],
  [
    'a box with an infinite edge',
    annotation(SIZE + object('1 1 1e999 2')),
    /<xmax> is '1e999', expected a number/,
  ],
  [
    'a reversed box',
    annotation(SIZE + object('30 1 20 2')),
    /^a\.xml: object 1 \(dog\): box xmin 30, ymin 1, xmax 20, ymax 2 is reversed; xmin and ymin must be/,
  ],
  ['an empty box', annotation(SIZE + object('30 7 60 7')), /ymax 7 is empty; draw the box again/],
  [
    'a box to the left',
    annotation(SIZE + object('0 1 20 20')),
    /lies outside the picture of 500 x 375; VOC counts/,
  ],
  [
    'a box to the right',
    annotation(SIZE + object('1 1 501 20')),
    /xmax 501, ymax 20 lies outside the picture/,
  ],
  ['a box above', annotation(SIZE + object('1 -3 20 20')), /ymin -3, .* lies outside the picture/],
  ['a box below', annotation(SIZE + object('1 1 20 375.5')), /ymax 375\.5 lies outside the picture/],
  [
    'a strange difficult flag',
    annotation(SIZE + object('1 1 2 2', 'dog', '<difficult>yes</difficult>')),
    /^a\.xml: object 1 \(dog\) has <difficult> 'yes', expected 0 or 1/,
  ],
];

for (const [what, xml, message] of WRONG) {
  test(`${what} is refused in one line that names the file and what to do`, () => {
    assert.throws(
      () => parse(xml),
      (error) => {
        assert.ok(error instanceof UserError, `${error}`);
        assert.match(error.message, message);
        assert.match(error.message, /; /);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      },
    );
  });
}

test('entities are not expanded: neither a bomb nor a file gets in', () => {
  const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  const bomb = `<!DOCTYPE annotation [<!ENTITY l0 "dog">${lol}]>${annotation(SIZE + object('1 1 2 2', '&l9;'))}`;
  assert.throws(() => parse(bomb), UserError);
  const file = `<!DOCTYPE annotation [<!ENTITY f SYSTEM "file:///etc/hostname">]>${annotation(SIZE + object('1 1 2 2', '&f;'))}`;
  assert.throws(() => parse(file), UserError);
});

test('deep nesting and names from JavaScript are refused', () => {
  assert.throws(() => parse(annotation(SIZE + '<a>'.repeat(5000) + '</a>'.repeat(5000))), UserError);
  assert.throws(() => parse(annotation(`${SIZE}<__proto__><name>cat</name></__proto__>`)), UserError);
  assert.equal(({} as { name?: string }).name, undefined);
});

/** VOC's, and names with everything that XML writes in another way. */
const CLASSES = [...VOC_CLASSES, 'salt & <pepper>', ' "a"\r\n', '&amp;', '\u{1f431}'];

test('what is written is read back as it was', () => {
  const edge = (size: number) =>
    fc.uniqueArray(fc.integer({ min: 0, max: size }), { minLength: 2, maxLength: 2 });
  const anyObject = fc.record({
    name: fc.constantFrom(...CLASSES),
    x: edge(500).filter(([a, b]) => Math.abs(a - b) > 1),
    y: edge(375).filter(([a, b]) => Math.abs(a - b) > 1),
    difficult: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyObject, { maxLength: 8 }), (drawn) => {
      const objects = drawn.map(({ name, x, y, difficult }) => ({
        name,
        box: { left: Math.min(...x), top: Math.min(...y), right: Math.max(...x), bottom: Math.max(...y) },
        difficult,
      }));
      const written: Annotation = { id: '000001', width: 500, height: 375, objects };
      const context = { id: '000001', file: 'a.xml', classes: CLASSES };
      assert.deepEqual(parseAnnotation(formatAnnotation(written, 'VOC2012'), context), written);
    }),
  );
});
