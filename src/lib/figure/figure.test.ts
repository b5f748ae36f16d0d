import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { encodePicture, generateScene } from 'yolov1/data';
import { detectionsFigure } from './detectionsFigure';
import { sceneGridFigure } from './sceneGridFigure';

const texts = { label: 'grid', caption: 'The grid.', alt: 'A grid over a scene.', runs: [] };
const picture = { width: 400, height: 200 };

/** The drawing without the words and values, among which is the one for phones. */
const drawn = (svg: string) => svg.replace(/<metadata>.*<\/metadata>/, '');

test("the cell that holds an object's centre is marked: row by y, column by x", () => {
  const objects = [{ name: 'disc', box: { left: 300, top: 20, right: 340, bottom: 40 } }];
  const { data, svg } = sceneGridFigure({ picture, objects, gridSize: 4 }, texts);
  // Centre (320, 30); cells are 100 x 50 pixels.
  assert.deepEqual(data, [
    { object: 'disc', left: 300, top: 20, right: 340, bottom: 40, row: 0, column: 3, responsible: true },
  ]);
  // Drawn at 520 x 260: the cell is 130 x 65.
  assert.match(svg, /<rect x="390" y="0" width="130" height="65" fill="#ffb000"/);
  assert.match(svg, /<title>disc: row 0, column 3 is responsible<\/title>/);
  assert.match(svg, /<circle cx="416" cy="39"/);
});

test('of two objects with their centre in one cell the encoder keeps one, the other is dashed', () => {
  const objects = [
    { name: 'disc', box: { left: 0, top: 0, right: 90, bottom: 90 } },
    { name: 'star', box: { left: 40, top: 30, right: 50, bottom: 40 } },
  ];
  const { data, svg } = sceneGridFigure({ picture, objects, gridSize: 2 }, texts);
  assert.deepEqual(
    data.map(({ object, responsible }) => [object, responsible]),
    [
      ['disc', false],
      ['star', true],
    ],
  );
  assert.equal(drawn(svg).match(/stroke-dasharray/g)?.length, 2);
  assert.equal(drawn(svg).match(/fill-opacity="0.5"/g)?.length, 1);
});

test('a centre on the right or lower edge belongs to the last cell', () => {
  const objects = [{ name: 'disc', box: { left: 398, top: 199, right: 402, bottom: 201 } }];
  const inside = [{ name: 'disc', box: { left: 399.9, top: 199.9, right: 400, bottom: 200 } }];
  assert.throws(() => sceneGridFigure({ picture, objects, gridSize: 7 }, texts), /objects\[0\]\[0\]/);
  const [row] = sceneGridFigure({ picture, objects: inside, gridSize: 7 }, texts).data;
  assert.deepEqual([row.row, row.column], [6, 6]);
});

test('a generated scene is inside the figure, which a picture program can draw', async () => {
  const scene = await generateScene(3, { width: 320, height: 240 });
  const file = await encodePicture(scene.picture, 'jpeg');
  const shown = { width: 320, height: 240, file };
  const { svg } = sceneGridFigure({ picture: shown, objects: scene.annotation.objects, gridSize: 7 }, texts);
  assert.match(svg, /<image width="520" height="390"[^>]* href="data:image\/jpeg;base64,/);
  const { width, height } = await sharp(Buffer.from(svg)).png().metadata();
  assert.deepEqual([width, height], [520, 390]);
});

test('detections carry class and score, the surest drawn last; without the picture the frame says so', () => {
  const box = { left: 10, top: 10, right: 60, bottom: 60 };
  const detections = [
    { name: 'cat', score: 0.9, box },
    { name: 'dog', score: 0.25, box },
  ];
  const { svg, data } = detectionsFigure({ picture, detections, objects: [{ name: 'cat', box }] }, texts);
  const words = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
  assert.deepEqual(words, ['The picture is not on this machine: boxes only.', 'dog 0.25', 'cat 0.90']);
  assert.deepEqual(
    data.map(({ kind, class: name, score }) => [kind, name, score]),
    [
      ['detected', 'cat', 0.9],
      ['detected', 'dog', 0.25],
      ['annotated', 'cat', null],
    ],
  );
});

test('a tag stays inside the picture and a class name is text, whatever it contains', () => {
  const detections = [
    { name: '<script>alert(1)</script>', score: 1, box: { left: 390, top: 2, right: 399, bottom: 9 } },
  ];
  const { svg } = detectionsFigure({ picture, detections }, texts);
  assert.doesNotMatch(svg, /<script/);
  const [, x, width] = /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="18"/.exec(svg) ?? [];
  assert.equal(Math.round(Number(x) + Number(width)), 520);
});

test('a file that is no picture and a size that is none are refused', () => {
  const file = Buffer.from('<svg onload="alert(1)"/>');
  assert.throws(
    () => detectionsFigure({ picture: { ...picture, file }, detections: [] }, texts),
    /^RangeError: picture.file: begins with 3c737667, expected the content of a PNG, JPEG or WebP/,
  );
  assert.throws(
    () => detectionsFigure({ picture: { width: 0, height: 5 }, detections: [] }, texts),
    /^RangeError: picture: got a size of 0 x 5/,
  );
});
