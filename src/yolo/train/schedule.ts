import { checkArguments, FINITE, record } from '../core/arguments';
import { checkChoice, checkNumber, checkOptionNames, optionError } from '../loss/checkOptions';

/** Factor on the base learning rates, as a function of the share of training that is done. */
export type Schedule =
  /** The base rate throughout. */
  | { kind: 'constant' }
  /** Half a cosine from the base rate to `final` (default 0) times it (arXiv 1608.03983). */
  | { kind: 'cosine'; final?: number }
  /**
   * One cycle (arXiv 1708.07120), both ramps half cosines as PyTorch has them: from 1/25 of the base rate up to it
   * over `rise` of training (default .3), then down to 1/250,000 of it.
   */
  | { kind: 'oneCycle'; rise?: number }
  /** Multiplied by `factor` (default .1) at each of `milestones`, shares of training in 0..1. */
  | { kind: 'step'; milestones: readonly number[]; factor?: number }
  /** The paper's (section 2.2) as shares of its 135 epochs: 75 at the base rate, 30 at a tenth, 30 at a hundredth. */
  | { kind: 'paper' };

const OPTIONS = {
  constant: [],
  cosine: ['final'],
  oneCycle: ['rise'],
  step: ['milestones', 'factor'],
  paper: [],
} as const;

/** The start of one cycle against its top, and its end against its start: PyTorch's defaults. */
const ONE_CYCLE_START = 1 / 25;
const ONE_CYCLE_END = ONE_CYCLE_START / 1e4;
/** The paper's milestones. */
const PAPER = { kind: 'step', milestones: [75 / 135, 105 / 135] } as const;

/**
 * Factor on the base learning rate for one step.
 *
 * @param schedule - Takes over where the warm-up ends; its progress counts from the first step all the same.
 * @param step - Steps already done, from 0.
 * @param steps - Steps in all; the last one is `steps - 1`.
 * @param warmUp - First steps over which the factor rises linearly, from `1 / warmUp` to 1. Default 0.
 * @returns 1 for the base rate itself.
 * @throws UserError for an unknown schedule, or anything but numbers.
 */
export function learningRateFactor(schedule: Schedule, step: number, steps: number, warmUp = 0): number {
  checkSchedule(schedule);
  checkArguments('learningRateFactor', { step, steps, warmUp }, STEPS);
  if (step < warmUp) {
    return (step + 1) / warmUp;
  }
  return factorAt(schedule, steps > 1 ? step / (steps - 1) : 1);
}

const STEPS = { step: FINITE, steps: FINITE, warmUp: FINITE };

/** @throws UserError for an unknown schedule or option, or one out of range. */
export function checkSchedule(schedule: Schedule): void {
  checkArguments('schedule', { schedule }, { schedule: record('a schedule') });
  const { kind } = schedule;
  checkChoice('schedule', 'kind', kind, Object.keys(OPTIONS));
  checkOptionNames(`schedule ${kind}`, schedule, OPTIONS[kind]);
  if (kind === 'cosine') checkNumber('schedule', 'final', schedule.final ?? 0, 0);
  if (kind === 'oneCycle') checkNumber('schedule', 'rise', schedule.rise ?? 0, 0, 1);
  if (kind === 'step') {
    checkNumber('schedule', 'factor', schedule.factor ?? 0, 0);
    const { milestones } = schedule;
    if (!Array.isArray(milestones) || !milestones.every((share) => share >= 0 && share <= 1)) {
      throw optionError('schedule', 'milestones', milestones, 'a list of shares, 0 to 1');
    }
  }
}

/** Factor when the share `done` (0..1) of training lies behind. */
function factorAt(schedule: Schedule, done: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'cosine':
      return halfCosine(1, schedule.final ?? 0, done);
    case 'oneCycle': {
      const rise = schedule.rise ?? 0.3;
      return done < rise || rise === 1
        ? halfCosine(ONE_CYCLE_START, 1, done / rise)
        : halfCosine(1, ONE_CYCLE_END, (done - rise) / (1 - rise));
    }
    case 'step':
      return (schedule.factor ?? 0.1) ** schedule.milestones.filter((milestone) => done >= milestone).length;
    case 'paper':
      return factorAt(PAPER, done);
  }
}

function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
