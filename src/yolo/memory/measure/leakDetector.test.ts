// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../../tensor/backend';
import { AllocationTracker } from './allocationTracker';
import { LeakDetector } from './leakDetector';

before(async () => {
  await initBackend();
});

/** Run steps under a detector; whatever they leave is disposed in the end. */
function watch(steps: number, step: (index: number) => void, bytes: (index: number) => number = () => 1e9) {
  const tracker = new AllocationTracker().start();
  let index = 0;
  const detector = new LeakDetector(tracker, { source: 'test', read: () => bytes(index) });
  const mark = tracker.mark();
  try {
    for (; index < steps; index++) {
      step(index);
      detector.sample();
    }
    return detector.report();
  } finally {
    tracker.disposeSince(mark);
    tracker.stop();
  }
}

test('a training that leaves nothing is clean, its warm-up not counted', () => {
  const slots: tf.Tensor[] = [];
  const report = watch(20, (index) => {
    if (index < 2) slots.push(tf.ones([64]));
    tf.ones([32]).dispose();
  });
  assert.equal(report.leaking, false);
  assert.deepEqual(report.lines, []);
  assert.deepEqual(report.tensors, { from: 2, to: 2 });
  assert.equal(report.samples, 17);
});

test('tensors that stay behind are named by shape, the largest first', () => {
  const report = watch(20, (index) => {
    tf.ones([7, 7, 30]);
    if (index % 4 === 0) tf.ones([512, 512]);
  });
  assert.equal(report.leaking, true);
  assert.deepEqual(
    report.growing.map(({ kind, from, to }) => [kind, from, to]),
    [
      ['tensor [512, 512]', 1, 5],
      ['tensor [7, 7, 30]', 4, 20],
    ],
  );
  assert.equal(report.growing[0].bytes, 4 * 512 * 512 * 4);
  assert.match(report.lines[0], /^tensor \[512, 512\]: 1 -> 5 \(4 MB\)$/);
  assert.equal(report.tensorBytes.rising, true);
});

test('variables that stay behind are named as well', () => {
  const made: tf.Variable[] = [];
  const report = watch(15, () => {
    made.push(tf.tidy(() => tf.variable(tf.ones([5]))));
  });
  assert.equal(report.growing[0].kind, 'variable [5]');
  assert.equal(report.growing[0].names[0], made.at(-1)!.name);
  tf.dispose(made);
});

test('a number of tensors that comes and goes is no leak', () => {
  const batch: tf.Tensor[] = [];
  const report = watch(24, (index) => {
    if (index % 6 === 5) tf.dispose(batch.splice(0));
    else batch.push(tf.ones([9]));
  });
  assert.deepEqual(report.growing, []);
});

test('memory that rises without tensors is told by the probe', () => {
  const report = watch(
    30,
    () => {},
    (index) => 1e9 + 5e6 * index,
  );
  assert.equal(report.leaking, true);
  assert.deepEqual(report.lines, ['test: 1.01 GB -> 1.15 GB']);
});

test('too few samples say nothing', () => {
  assert.throws(() => watch(6, () => {}), /leak report: 6 samples, expected at least 11/);
});
