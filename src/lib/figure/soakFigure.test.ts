import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentResult } from 'yolov1';
import type { MetricsLine } from 'yolov1/record';
import { soakFigure } from './soakFigure';

const texts = { label: 'soak', caption: 'Memory of a run.', alt: 'Two curves.', runs: [] };

/** Two epochs of a hundred steps of 36 seconds, which take a MiB more each. */
const leaking = {
  metrics: Array.from(
    { length: 200 },
    (_, index): MetricsLine => ({
      kind: 'step',
      epoch: index < 100 ? 1 : 2,
      step: index + 1,
      seconds: 36,
      tensors: 281,
      residentMiB: 2000 + index,
    }),
  ),
} as ExperimentResult;

test('the number of tensors and the trend an hour stand over the curves and in the table', async () => {
  const { svg, data } = await soakFigure(leaking, texts);
  assert.match(svg, /Tensors: 281 after each of 200 steps/);
  assert.match(svg, /Resident size: \+100\.0 MiB an hour after the first epoch/);
  assert.deepEqual(data, [
    {
      steps: 200,
      hours: 2,
      'fewest tensors': 281,
      'most tensors': 281,
      'median resident size (MiB)': 2150,
      'trend (MiB an hour)': 100,
      rising: true,
    },
  ]);
});
