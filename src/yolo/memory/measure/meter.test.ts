// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../../tensor/backend';
import { AllocationTracker } from './allocationTracker';
import { MemoryMeter } from './meter';

before(async () => {
  await initBackend();
});

test('each phase has its own peak of tensors, and the reading at its end', () => {
  const tracker = new AllocationTracker().start();
  let bytes = 100;
  let now = 0;
  const meter = new MemoryMeter({ source: 'test', read: () => bytes }, tracker, () => now);
  meter.enter('forward');
  tf.ones([1000]).dispose();
  bytes = 5000;
  now = 250;
  meter.enter('backward');
  tf.ones([10]).dispose();
  now = 1000;
  meter.enter(undefined);
  tf.ones([9000]).dispose();
  meter.enter('forward');
  now = 2000;
  meter.enter(undefined);
  assert.equal(meter.source, 'test');
  assert.deepEqual(meter.peaks(), {
    forward: { bytes: 5000, tensors: 4000 },
    backward: { bytes: 5000, tensors: 40 },
  });
  assert.deepEqual(meter.timeline(), [
    { seconds: 0.25, phase: 'forward', bytes: 5000, tensors: 4000 },
    { seconds: 1, phase: 'backward', bytes: 5000, tensors: 40 },
    { seconds: 2, phase: 'forward', bytes: 5000, tensors: 0 },
  ]);
  tracker.stop();
});

test('a long timeline stays short, in order, and keeps its largest reading', () => {
  const tracker = new AllocationTracker().start();
  let bytes = 0;
  let now = 0;
  const meter = new MemoryMeter({ source: 'test', read: () => bytes }, tracker, () => now);
  for (let step = 0; step < 7777; step++) {
    meter.enter('update');
    now = step;
    bytes = step === 4321 ? 1e9 : step;
  }
  meter.enter(undefined);
  const timeline = meter.timeline();
  assert.ok(timeline.length > 100 && timeline.length <= 301, `${timeline.length}`);
  assert.equal(Math.max(...timeline.map((point) => point.bytes)), 1e9);
  assert.deepEqual(
    timeline.map(({ seconds }) => seconds),
    timeline.map(({ seconds }) => seconds).sort((a, b) => a - b),
  );
  assert.deepEqual(meter.peaks(), { update: { bytes: 1e9, tensors: 0 } });
  tracker.stop();
});
