import { checkArguments, record } from '../core/arguments';
import { checkChoice, checkNumber, checkOptionNames } from '../loss/checkOptions';
import { BELOW_ONE } from '../model/specForm';

/** An update rule with its constants. Weight decay is 0 by default. */
export type OptimizerSpec =
  /**
   * Stochastic gradient descent with momentum (default .9, the paper's), Nesterov's form by choice (default false);
   * weight decay is added to the gradient, as PyTorch's `SGD` does.
   */
  | { kind: 'sgd'; momentum?: number; nesterov?: boolean; weightDecay?: number }
  /**
   * Adam (arXiv 1412.6980), `beta1` .9 and `beta2` .999 by default; weight decay is added to the gradient, as PyTorch's
   * `Adam` does.
   */
  | { kind: 'adam'; beta1?: number; beta2?: number; weightDecay?: number }
  /**
   * AdamW (arXiv 1711.05101), `beta1` .9 and `beta2` .999 by default; weight decay, times the learning rate, shrinks
   * the weight itself.
   */
  | { kind: 'adamw'; beta1?: number; beta2?: number; weightDecay?: number };

const OPTIONS = {
  sgd: ['momentum', 'nesterov', 'weightDecay'],
  adam: ['beta1', 'beta2', 'weightDecay'],
  adamw: ['beta1', 'beta2', 'weightDecay'],
} as const;

/** The default of SGD, the paper's. */
export const MOMENTUM = 0.9;
/** Defaults of Adam. */
export const BETA1 = 0.9;
export const BETA2 = 0.999;
/** Added to Adam's denominator; PyTorch's default. */
export const EPSILON = 1e-8;

/** @throws UserError for an unknown rule or option, or one out of range. */
export function checkOptimizer(spec: OptimizerSpec): void {
  checkArguments('optimizer', { spec }, { spec: record('an update rule') });
  checkChoice('optimizer', 'kind', spec.kind, Object.keys(OPTIONS));
  checkOptionNames(`optimizer ${spec.kind}`, spec, OPTIONS[spec.kind]);
  checkNumber('optimizer', 'weightDecay', spec.weightDecay ?? 0, 0);
  const averages =
    spec.kind === 'sgd' ? { momentum: spec.momentum } : { beta1: spec.beta1, beta2: spec.beta2 };
  for (const [name, value] of Object.entries(averages)) {
    checkNumber('optimizer', name, value ?? 0, 0, BELOW_ONE);
  }
}
