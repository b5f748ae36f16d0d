// runs on both backends
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { type BackendInfo, initBackend } from '../../tensor/backend';
import { AllocationTracker } from './allocationTracker';
import { type GuardEvent, MemoryGuard, MemoryLimitError, slicesOf } from './guard';

let backend: BackendInfo;
let tracker: AllocationTracker;
let bytes: number;
let events: GuardEvent[];

before(async () => {
  backend = await initBackend();
});
beforeEach(() => {
  tracker = new AllocationTracker().start();
  bytes = 1e9;
  events = [];
});
afterEach(() => {
  tracker.stop();
});

function guardOf(microBatch: number, budget = 6e9): MemoryGuard {
  const probe = { source: 'test', read: () => bytes };
  return new MemoryGuard({ budget, microBatch, probe, tracker, onEvent: (event) => events.push(event) });
}

const outOfMemory = () =>
  new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1]');

test('slices cover the batch once, none larger than asked, as equal as can be', () => {
  assert.deepEqual(slicesOf(16, 16), [{ start: 0, end: 16 }]);
  assert.deepEqual(
    slicesOf(10, 4).map(({ start, end }) => end - start),
    [4, 3, 3],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 64 }), (pictures, most) => {
      const slices = slicesOf(pictures, most);
      const sizes = slices.map(({ start, end }) => end - start);
      assert.equal(slices[0].start, 0);
      assert.equal(slices.at(-1)!.end, pictures);
      slices.slice(1).forEach(({ start }, index) => {
        assert.equal(start, slices[index].end);
      });
      assert.equal(slices.length, Math.ceil(pictures / most));
      assert.ok(Math.max(...sizes) <= most && Math.max(...sizes) - Math.min(...sizes) <= 1);
    }),
  );
});

test('out of memory halves the pieces and computes all of them again, with the same sum', async () => {
  const guard = guardOf(16);
  const tries: number[] = [];
  const sum = await guard.run(16, (slices) => {
    tries.push(slices.length);
    return slices.reduce((total, { start, end }) => {
      if (end - start > 4) throw outOfMemory();
      return total + end - start;
    }, 0);
  });
  assert.equal(sum, 16);
  assert.deepEqual(tries, [1, 2, 4]);
  assert.equal(guard.microBatch, 4);
  assert.deepEqual(
    events.map(({ kind, microBatch }) => [kind, microBatch]),
    [
      ['redone', 8],
      ['redone', 4],
    ],
  );
  assert.equal(events[1].message, 'memory ran out, step computed again; budget 6.00 GB: micro-batch 8 -> 4');
});

test('a step that is computed again finds neither tensors nor changed statistics of the first try', async () => {
  const statistic = tf.tidy(() => tf.variable(tf.scalar(3), false));
  const weight = tf.tidy(() => tf.variable(tf.ones([8])));
  const tensors = tf.memory().numTensors;
  let tries = 0;
  const result = await guardOf(2).run(2, () => {
    tries += 1;
    assert.equal(statistic.dataSync()[0], 3);
    return tf.variableGrads(() => {
      const y = weight.square();
      tf.tidy(() => {
        statistic.assign(statistic.add(1));
      });
      if (tries === 1) throw outOfMemory();
      return y.sum() as tf.Scalar;
    }, [weight as tf.Variable]);
  }, [statistic as tf.Variable]);
  assert.equal(statistic.dataSync()[0], 4);
  assert.equal(tf.memory().numTensors, tensors + 2);
  tf.dispose([result.value, ...Object.values(result.grads), statistic, weight]);
});

test('memory that ends with single pictures ends the training with what to do', async () => {
  await assert.rejects(
    guardOf(2, 5e8).run(4, () => {
      throw outOfMemory();
    }),
    (error) =>
      error instanceof MemoryLimitError &&
      error.nextMicroBatch === undefined &&
      error.message ===
        'memory ran out: budget 500 MB, peak 1.00 GB, micro-batch 1; take a smaller head or input, freeze the backbone, or give a larger budget',
  );
});

test('another error is passed on, without a second try', async () => {
  let tries = 0;
  await assert.rejects(
    guardOf(8).run(8, () => {
      tries += 1;
      throw new Error('loss is NaN');
    }),
    /^Error: loss is NaN$/,
  );
  assert.equal(tries, 1);
});

test('above the soft limit the micro-batch is halved, and again only if the reading goes on rising', () => {
  const guard = guardOf(16);
  guard.check();
  assert.equal(guard.microBatch, 16);
  bytes = 5.5e9;
  guard.check();
  assert.equal(guard.microBatch, 8);
  guard.check();
  assert.equal(guard.microBatch, 8, 'a reading that stays must not lower it again');
  bytes = 5.7e9;
  guard.check();
  assert.equal(guard.microBatch, 4);
  assert.equal(events[0].message, '5.50 GB in use (test); budget 6.00 GB: micro-batch 16 -> 8');
  assert.equal(guard.peak, 5.7e9);
});

test('above the hard limit the training ends with budget, peak, batch and the next batch to try', () => {
  const guard = guardOf(6);
  bytes = 6.5e9;
  assert.throws(
    () => guard.check(),
    (error) =>
      error instanceof MemoryLimitError &&
      error.nextMicroBatch === 3 &&
      error.message ===
        '6.50 GB in use (test): budget 6.00 GB, peak 6.50 GB, micro-batch 6; try micro-batch 3, or give a larger budget',
  );
});

// TensorFlow waits 10 seconds for memory before it gives up.
test('a real end of memory is caught, and the half of it computed', async (context) => {
  if (backend.name !== 'tensorflow') {
    context.skip('needs the native backend; wasm answers so large a request with nonsense');
    return;
  }
  const row = tf.ones([1, 1024]);
  const guard = guardOf(2);
  const shapes = await guard.run(2, (slices) =>
    slices.map(({ start, end }) =>
      // 4 TB for two pictures, 4 MB for one.
      tf.tidy(() => tf.tile(row, [end - start === 2 ? 1 << 30 : 1 << 10, 1]).shape),
    ),
  );
  assert.deepEqual(shapes, [
    [1024, 1024],
    [1024, 1024],
  ]);
  assert.equal(guard.microBatch, 1);
  row.dispose();
});
