import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSchedule, learningRateFactor, type Schedule } from './schedule';

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} against ${expected}`);

test('cosine falls from the base rate to its final share', () => {
  near(learningRateFactor({ kind: 'cosine' }, 0, 101), 1);
  near(learningRateFactor({ kind: 'cosine' }, 50, 101), 0.5);
  near(learningRateFactor({ kind: 'cosine' }, 100, 101), 0);
  near(learningRateFactor({ kind: 'cosine', final: 0.2 }, 100, 101), 0.2);
});

test('one cycle starts at 1/25, peaks at the end of its rise and ends near nothing, as PyTorch computes it', () => {
  // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=101, pct_start=.15): the rise ends at step 14.15.
  const at = (step: number) => learningRateFactor({ kind: 'oneCycle', rise: 0.15 }, step, 101);
  near(at(0), 0.04);
  near(at(15), 1);
  near(at(100), 4e-6);
});

test('one cycle that only rises ends at its peak', () => {
  const at = (step: number) => learningRateFactor({ kind: 'oneCycle', rise: 1 }, step, 101);
  near(at(50), 0.52);
  near(at(100), 1);
});

test('the paper divides its rate by ten after 75 and after 105 of 135 epochs', () => {
  const at = (epoch: number) => learningRateFactor({ kind: 'paper' }, epoch, 136);
  near(at(74), 1);
  near(at(75), 0.1);
  near(at(104), 0.1);
  near(at(105), 0.01);
});

test('warm-up rises linearly to the schedule', () => {
  const at = (step: number) => learningRateFactor({ kind: 'constant' }, step, 100, 4);
  assert.deepEqual([at(0), at(1), at(2), at(3), at(4)], [0.25, 0.5, 0.75, 1, 1]);
});

test('an unknown schedule or option and one out of range are refused by name', () => {
  const refused = (schedule: object, message: RegExp) =>
    assert.throws(() => checkSchedule(schedule as Schedule), { name: 'UserError', message });
  refused(
    { kind: 'cosin' },
    /^schedule: kind is 'cosin', expected one of constant, cosine, oneCycle, step, paper$/,
  );
  refused({ kind: 'cosine', rise: 0.1 }, /^schedule cosine: unknown option 'rise'/);
  refused({ kind: 'oneCycle', rise: 2 }, /^schedule: rise is 2, expected a number, 0 to 1$/);
  refused(
    { kind: 'step', milestones: [0.5, 75] },
    /^schedule: milestones is \[0\.5, 75\], expected a list of shares/,
  );
  refused({ kind: 'step' }, /^schedule: milestones is undefined, expected a list of shares, 0 to 1$/);
  checkSchedule({ kind: 'step', milestones: [0, 1], factor: 0.5 });
});
