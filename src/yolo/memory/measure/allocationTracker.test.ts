// runs on both backends
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { type BackendInfo, initBackend } from '../../tensor/backend';
import { AllocationTracker } from './allocationTracker';

let backend: BackendInfo;
let tracker: AllocationTracker;

before(async () => {
  backend = await initBackend();
});
beforeEach(() => {
  tracker = new AllocationTracker().start();
});
afterEach(() => {
  tracker.stop();
});

test('clones count once, until the last of them goes', (context) => {
  if (backend.name === 'wasm') {
    context.skip('on wasm a clone is a copy');
    return;
  }
  const x = tf.ones([10, 10]);
  const first = x.clone();
  const second = x.clone();
  assert.equal(tracker.bytes, 400);
  x.dispose();
  first.dispose();
  assert.equal(tracker.bytes, 400);
  second.dispose();
  assert.equal(tracker.bytes, 0);
});

test('the peak is the most that was alive at once', () => {
  tf.tidy(() => {
    const a = tf.ones([100]);
    const b = a.add(1);
    a.dispose();
    b.mul(2);
  });
  assert.equal(tracker.bytes, 0);
  assert.ok(tracker.peak >= 800 && tracker.peak <= 1300, `${tracker.peak}`);
  tracker.forgetPeak();
  assert.equal(tracker.peak, 0);
});

test('a variable that is assigned to takes the place of its old numbers', () => {
  const variable = tf.tidy(() => tf.variable(tf.zeros([50])));
  tf.tidy(() => {
    variable.assign(tf.ones([50]));
  });
  assert.equal(tracker.bytes, 200);
  assert.deepEqual(tracker.census(), new Map([['variable [50]', { count: 1, bytes: 200 }]]));
  assert.deepEqual(tracker.newestVariables('variable [50]', 3), [variable.name]);
  variable.dispose();
  assert.equal(tracker.bytes, 0);
});

test('tensors made before the start stay unknown, also when they are disposed', () => {
  tracker.stop();
  const before = tf.ones([1000]);
  tracker.start();
  const after = tf.ones([10]);
  before.dispose();
  assert.equal(tracker.bytes, 40);
  after.dispose();
  assert.equal(tracker.bytes, 0);
});

test('what a gradient that threw leaves behind is found and freed', () => {
  const weight = tf.tidy(() => tf.variable(tf.ones([20, 20])));
  const x = tf.ones([20, 20]);
  const tensors = tf.memory().numTensors;
  const mark = tracker.mark();
  assert.throws(() =>
    tf.variableGrads(() => {
      const y = x.matMul(weight).square();
      tf.keep(y.clone());
      throw new Error('half-way');
    }, [weight as tf.Variable]),
  );
  assert.ok(tf.memory().numTensors > tensors, 'TensorFlow.js should leave tensors behind here');
  tracker.disposeSince(mark);
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(weight.isDisposed, false);
  assert.deepEqual([...x.dataSync().slice(0, 2)], [1, 1]);
  tf.dispose([weight, x]);
});

test('two trackers count side by side, and stopping one leaves the other', () => {
  const second = new AllocationTracker().start();
  const x = tf.ones([25]);
  assert.equal(second.bytes, 100);
  second.stop();
  assert.equal(second.bytes, 0);
  assert.equal(tracker.bytes, 100);
  x.dispose();
  assert.equal(tracker.bytes, 0);
});
