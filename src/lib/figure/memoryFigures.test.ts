import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Detector, VOC_CLASSES } from 'yolov1';
import { type CalibrationError, estimateMemory } from 'yolov1/memory';
import type { RunMemory } from 'yolov1/record';
import { calibrationFigure } from './calibrationFigure';
import { memoryPlanFigure } from './memoryPlanFigure';
import { memoryTimelineFigure } from './memoryTimelineFigure';

const texts = { label: 'memory', caption: 'Memory.', alt: 'Bars.', runs: [] };

test('bars of memory carry their total, the budget is a line, and the table says every part', async () => {
  const detector = new Detector({
    backbone: 'baseline',
    head: 'fullyConnected',
    inputSize: 448,
    gridSize: 7,
    predictors: 2,
    classes: VOC_CLASSES,
  });
  const of = { optimizer: 'adam', trainable: 'all', batchNorm: 'batch', device: 'cuda' } as const;
  const estimates = {
    'batch 16': estimateMemory(detector, { ...of, batch: 16 }),
    single: estimateMemory(detector, { ...of, batch: 1 }),
  };
  const { svg, data } = await memoryPlanFigure({ estimates, budget: 6e9 }, texts);
  assert.match(svg, />budget 6\.00 GB</);
  assert.match(svg, new RegExp(`>${(estimates.single.total / 1e9).toFixed(2)} GB<`));
  assert.equal(data.length, 2);
  for (const { training, 'together (MB)': together, ...parts } of data) {
    const sum = Object.entries(parts).reduce(
      (s, [name, value]) => s + (/MB/.test(name) ? Number(value) : 0),
      0,
    );
    assert.ok(Math.abs(sum - Number(together)) <= 6, `${training}: ${sum} and ${together}`);
  }
  assert.equal(data[0]['optimizer slots (MB)'], 328);
  await assert.rejects(
    memoryPlanFigure({ estimates: {}, budget: 1 }, texts),
    /^RangeError: estimates: got none/,
  );
});

test('a calibration shows each training with its error', async () => {
  const point = {
    backbone: 'resnet18',
    head: 'fullyConnected',
    optimizer: 'adam',
    trainable: 'all',
    batchNorm: 'batch',
    averages: false,
    inputSize: 448,
    batch: 4,
    baseline: 6e8,
    peak: 16e8,
    tensors: 8e8,
    steps: 5,
  } as const;
  const errors: CalibrationError[] = [
    { point, measured: 1e9, estimated: 1.1e9, error: 0.1 },
    { point: { ...point, averages: true }, measured: 2e9, estimated: 1.6e9, error: -0.2 },
  ];
  const { svg, data } = await calibrationFigure(errors, 0.15, texts);
  assert.match(svg, />measured \(GB\)</);
  assert.deepEqual(data[1], {
    network: 'resnet18',
    training: 'fullyConnected, adam, BatchNorm batch, averages',
    input: 448,
    batch: 4,
    'measured (MB)': 2000,
    'estimated (MB)': 1600,
    'error (%)': -20,
  });
  await assert.rejects(calibrationFigure([], 0.15, texts), /^RangeError: errors: got no point/);
});

test('a timeline shows phases one after the other, cut where asked', async () => {
  const memory = {
    source: 'resident size of the process',
    budget: { bytes: 2e9, source: 'given by hand' },
    timeline: [
      { seconds: 0.5, phase: 'load', bytes: 1e9, tensors: 2e8 },
      { seconds: 1.5, phase: 'forward', bytes: 1.2e9, tensors: 4e8 },
      { seconds: 9, phase: 'backward', bytes: 1.4e9, tensors: 5e8 },
    ],
  } as unknown as RunMemory;
  const { svg, data } = await memoryTimelineFigure(memory, texts, 5);
  assert.match(svg, />time \(s\)</);
  assert.deepEqual(data, [
    {
      'from (s)': 0,
      'to (s)': 0.5,
      phase: 'load',
      'resident size of the process (MB)': 1000,
      'tensors (MB)': 200,
    },
    {
      'from (s)': 0.5,
      'to (s)': 1.5,
      phase: 'forward',
      'resident size of the process (MB)': 1200,
      'tensors (MB)': 400,
    },
  ]);
  assert.equal((await memoryTimelineFigure({ ...memory, budget: null }, texts)).data.length, 3);
  await assert.rejects(
    memoryTimelineFigure(memory, texts, 0.1),
    /^RangeError: timeline: got no point within 0\.1 s/,
  );
});
