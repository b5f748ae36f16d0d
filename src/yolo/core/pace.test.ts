import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace';

function paced() {
  const clock = { milliseconds: 0 };
  return { clock, pace: new Pace(() => clock.milliseconds) };
}

test('the pace is that of the last minute, and unknown before the second part', () => {
  const { clock, pace } = paced();
  assert.deepEqual(pace.words(1, 1000, 16), []);
  for (let step = 2; step <= 150; step++) {
    clock.milliseconds += step <= 50 ? 4000 : 1000;
    pace.left(step, 1000);
  }
  clock.milliseconds += 1000;
  assert.deepEqual(pace.words(151, 1000, 16), ['16 pictures/s', '14 min left']);
});

test('a suspended process is as fast as before from the second step on', () => {
  const { clock, pace } = paced();
  for (let step = 1; step <= 200; step++) {
    clock.milliseconds += step === 100 ? 3_600_000 : 2000;
    pace.left(step, 1000);
    if (step === 101) assert.deepEqual(pace.words(step, 1000, 16), ['8.0 pictures/s', '30 min left']);
  }
});

test('steps that each take longer than a minute are no suspension', () => {
  const { clock, pace } = paced();
  for (let step = 1; step <= 4; step++) {
    clock.milliseconds += 100_000;
    pace.left(step, 10);
  }
  clock.milliseconds += 100_000;
  assert.deepEqual(pace.words(5, 10, 16), ['0.2 pictures/s', '8 min left']);
});

test('time of other work is off the clock from its first part on', () => {
  const { clock, pace } = paced();
  for (let step = 1; step <= 5; step++) {
    clock.milliseconds += 2000;
    pace.left(step, 10);
  }
  pace.pause();
  clock.milliseconds += 500_000;
  pace.pause();
  clock.milliseconds += 2000;
  assert.equal(pace.left(6, 10), '8 s');
});
