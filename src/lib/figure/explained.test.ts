import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Detector, VOC_CLASSES } from 'yolov1';
import { exampleScene } from './examples';
import { networkFigure } from './networkFigure';
import { nmsFigure } from './nmsFigure';
import { responsibleFigure } from './responsibleFigure';

const texts = { label: 'explained', caption: 'What is explained.', alt: 'A drawing.', runs: [] };
const picture = { width: 200, height: 100 };
const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

/** The drawing without the words and values, among which is the one for phones. */
const drawn = (svg: string) => svg.replace(/<metadata>.*<\/metadata>/, '');

test('a network is drawn as slabs of one shape each, with the parameters of all its layers', () => {
  const detector = new Detector({
    backbone: 'resnet18',
    head: 'convolutional',
    inputSize: 448,
    gridSize: 14,
    predictors: 1,
    classes: VOC_CLASSES,
  });
  const rows = detector.describe();
  const { data, svg } = networkFigure({ inputSize: 448, rows }, texts);
  assert.deepEqual(data[0], { part: 'input', output: '448 x 448 x 3', layers: 0, parameters: 0 });
  assert.equal(data.at(-1)?.output, '14 x 14 x 25');
  const drawn = data.reduce((sum, { parameters }) => sum + Number(parameters), 0);
  assert.equal(
    drawn,
    rows.reduce((sum, { parameters }) => sum + parameters, 0),
  );
  assert.equal(svg.match(/<rect [^>]*><title>/g)?.length, data.length);
  assert.throws(() => networkFigure({ inputSize: 448, rows: [] }, texts), /rows: got no layer/);
});

test('of the predictors of a cell the one with the largest IoU is drawn solid', () => {
  const object = { name: 'disc', box: box(50, 20, 90, 60) };
  const predictions = [box(70, 20, 110, 60), box(50, 20, 90, 50)];
  const { data, svg } = responsibleFigure({ picture, object, predictions, gridSize: 7 }, texts);
  assert.deepEqual(
    data.map(({ iou, responsible }) => [Number(Number(iou).toFixed(2)), responsible]),
    [
      [0.33, false],
      [0.75, true],
    ],
  );
  assert.match(svg, /predictor 1: IoU 0\.33/);
  assert.equal(drawn(svg).match(/stroke-dasharray/g)?.length, 2);
  assert.throws(
    () => responsibleFigure({ picture, object, predictions: [], gridSize: 7 }, texts),
    /got none/,
  );
});

test('suppression keeps the surest box of those that overlap, by class', () => {
  const detections = [
    { name: 'disc', score: 0.5, box: box(50, 20, 90, 60) },
    { name: 'disc', score: 0.9, box: box(52, 20, 92, 60) },
    { name: 'star', score: 0.3, box: box(52, 20, 92, 60) },
  ];
  const { data, svg } = nmsFigure({ picture, detections, iouThreshold: 0.5 }, texts);
  assert.deepEqual(
    data.map(({ kept }) => kept),
    [false, true, true],
  );
  assert.match(svg, /before: 3 boxes/);
  assert.match(svg, /after: 2 boxes/);
});

test('what is explained on a picture is explained on a generated scene', async () => {
  const { picture: scene, objects } = await exampleScene();
  assert.ok(scene.file && scene.width > 0 && objects.length > 1);
});
