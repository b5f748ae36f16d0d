import * as tf from '@tensorflow/tfjs';
import { checkChoice, checkNumber, checkOptionNames } from '../loss/checkOptions';
import { MOMENTS } from '../memory/tensorNumbers';
import type { Parameter } from '../model/layer';
import { addInPlace, changesInPlace, shrinkInPlace } from '../tensor/ops/inPlace';
import { adamScalars, applyAdam, applyMomentum } from '../tensor/ops/updateKernels';

/** Which update rule, with its constants. */
export type OptimizerSpec =
  /** Stochastic gradient descent with momentum (default .9, the paper's), Nesterov's form by choice. */
  | { kind: 'sgd'; momentum?: number; nesterov?: boolean; weightDecay?: number }
  /** Adam (arXiv 1412.6980); weight decay is added to the gradient, as PyTorch's `Adam` does. */
  | { kind: 'adam'; beta1?: number; beta2?: number; weightDecay?: number }
  /** AdamW (arXiv 1711.05101); weight decay shrinks the weight itself. */
  | { kind: 'adamw'; beta1?: number; beta2?: number; weightDecay?: number };

/** Changes one parameter by its gradient times `scale`. */
export type ParameterUpdate = (parameter: Parameter, gradient: tf.Tensor, scale: number) => void;

/** Parameters that share a base learning rate. */
export interface ParameterGroup {
  parameters: readonly Parameter[];
  /** Base learning rate; the schedule multiplies it. */
  learningRate: number;
}

type SgdSpec = Extract<OptimizerSpec, { kind: 'sgd' }>;
type AdamSpec = Exclude<OptimizerSpec, SgdSpec>;

const OPTIONS = {
  sgd: ['momentum', 'nesterov', 'weightDecay'],
  adam: ['beta1', 'beta2', 'weightDecay'],
  adamw: ['beta1', 'beta2', 'weightDecay'],
} as const;

/** Just below 1, where an average would never move. */
const BELOW_ONE = 1 - Number.EPSILON;

const MOMENTUM = 0.9;
const BETA1 = 0.9;
const BETA2 = 0.999;
/** Added to Adam's denominator; PyTorch's default. */
const EPSILON = 1e-8;

/**
 * An optimizer whose state is kept by parameter name, so another order or subset of parameters cannot pick up
 * somebody else's moments. Weight decay acts on weights only, never on biases and norms.
 */
export class Optimizer {
  private readonly state = new Map<string, tf.Variable>();
  /** Updates done so far; set it to go on from a checkpoint. */
  steps = 0;

  /**
   * @throws {@link UserError} for an unknown rule or option, or one out of range. Error for a parameter in two groups.
   */
  constructor(
    private readonly spec: OptimizerSpec,
    private readonly groups: readonly ParameterGroup[],
  ) {
    checkOptimizer(spec);
    const names = this.parameters.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice) {
      throw new Error(`groups: parameter ${twice} stands in two groups, expected each in one`);
    }
  }

  /** Every parameter this optimizer updates. */
  get parameters(): readonly Parameter[] {
    return this.groups.flatMap((group) => group.parameters);
  }

  /**
   * One update of every parameter. The gradients are used up: their numbers change. The tensors stay the caller's to
   * dispose.
   *
   * @param gradients - By parameter name; all must be there.
   * @param factor - The schedule's factor on the base rates.
   * @param scale - What gradients are multiplied by first, to clip them; at most 1, the default.
   * @throws Error for a gradient that is missing or not of its parameter's shape.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, factor: number, scale = 1): void {
    this.step(factor, (update) => {
      for (const parameter of this.parameters) {
        update(parameter, gradientOf(parameter, gradients), scale);
      }
    });
  }

  /**
   * An update parameter by parameter, so that no more than one gradient needs to be there at a time.
   *
   * @param work - Calls `update` once for every parameter; the gradient is used up, as in {@link apply}.
   */
  step(factor: number, work: (update: ParameterUpdate) => void): void {
    this.steps += 1;
    const rates = new Map(
      this.groups.flatMap(({ parameters, learningRate }) =>
        parameters.map(({ name }): [string, number] => [name, learningRate * factor]),
      ),
    );
    const scalars = new Map([...new Set(rates.values())].map((rate) => [rate, this.adamScalars(rate)]));
    try {
      work((parameter, gradient, scale) => {
        const rate = rates.get(parameter.name)!;
        tf.tidy(() => {
          this.update(parameter, gradient, { rate, scale, scalars: scalars.get(rate)! });
        });
      });
    } finally {
      tf.dispose([...scalars.values()]);
    }
  }

  /** The moments by name, for a checkpoint; the tensors stay the optimizer's. */
  slots(): ReadonlyMap<string, tf.Variable> {
    return this.state;
  }

  /** Make the moments of every parameter now, as zeros, instead of at the first update. */
  prepare(): void {
    for (const { name, variable } of this.parameters) {
      for (const slot of MOMENTS[this.spec.kind]) {
        this.slot(`${name}/${slot}`, variable);
      }
    }
  }

  /** Free the moments. */
  dispose(): void {
    for (const variable of this.state.values()) {
      variable.dispose();
    }
    this.state.clear();
  }

  /** For Adam's kernel, where there is one. */
  private adamScalars(learningRate: number): tf.Scalar[] {
    const { spec } = this;
    if (spec.kind === 'sgd' || !changesInPlace()) return [];
    const { beta1 = BETA1, beta2 = BETA2 } = spec;
    return adamScalars({ step: this.steps, learningRate, beta1, beta2, epsilon: EPSILON });
  }

  private update(
    { name, kind, variable }: Parameter,
    gradient: tf.Tensor,
    { rate, scale, scalars }: { rate: number; scale: number; scalars: readonly tf.Scalar[] },
  ): void {
    const { spec } = this;
    const decay = kind === 'weight' ? (spec.weightDecay ?? 0) : 0;
    const coupled = decay > 0 && spec.kind !== 'adamw';
    if (changesInPlace()) {
      if (scale < 1) shrinkInPlace(gradient, scale, variable);
      if (coupled) addInPlace(gradient, variable, decay);
      else if (decay > 0) shrinkInPlace(variable, 1 - rate * decay, gradient);
      if (spec.kind === 'sgd') {
        const { momentum = MOMENTUM, nesterov = false } = spec;
        const velocity = this.slot(`${name}/momentum`, variable);
        applyMomentum([variable, velocity], gradient, { rate, momentum, nesterov });
      } else applyAdam([variable, ...this.moments(name, variable)], gradient, scalars);
      return;
    }
    const scaled = scale < 1 ? gradient.mul(scale) : gradient;
    const g = coupled
      ? chain(
          variable,
          (w) => w.mul(decay),
          (w) => w.add(scaled),
        )
      : scaled;
    if (spec.kind === 'sgd') {
      this.updateSgd(name, variable, g, rate, spec);
      return;
    }
    if (decay > 0 && !coupled) variable.assign(variable.mul(1 - rate * decay));
    this.updateAdam(name, variable, g, rate, spec);
  }

  private moments(name: string, variable: tf.Variable): [mean: tf.Variable, square: tf.Variable] {
    return [this.slot(`${name}/mean`, variable), this.slot(`${name}/square`, variable)];
  }

  private updateSgd(name: string, variable: tf.Variable, g: tf.Tensor, rate: number, spec: SgdSpec): void {
    const { momentum = MOMENTUM, nesterov } = spec;
    const velocity = this.slot(`${name}/momentum`, variable);
    const forward = (v: tf.Tensor) => v.mul(momentum);
    const addGradient = (v: tf.Tensor) => v.add(g);
    velocity.assign(chain(velocity, forward, addGradient));
    const ahead = nesterov ? [forward, addGradient] : [];
    const step = chain(velocity, ...ahead, (v) => v.mul(rate));
    variable.assign(variable.sub(step));
  }

  private updateAdam(name: string, variable: tf.Variable, g: tf.Tensor, rate: number, spec: AdamSpec): void {
    const { beta1 = BETA1, beta2 = BETA2 } = spec;
    const [first, second] = this.moments(name, variable);
    moveTowards(first, g.mul(1 - beta1), beta1);
    const squared = chain(
      g,
      (x) => x.square(),
      (x) => x.mul(1 - beta2),
    );
    moveTowards(second, squared, beta2);
    const denominator = chain(
      second,
      (v) => v.div(1 - beta2 ** this.steps),
      (v) => v.sqrt(),
      (v) => v.add(EPSILON),
    );
    const step = chain(
      first,
      (m) => m.mul(rate / (1 - beta1 ** this.steps)),
      (m) => m.div(denominator),
    );
    denominator.dispose();
    variable.assign(variable.sub(step));
  }

  private slot(name: string, like: tf.Tensor): tf.Variable {
    let variable = this.state.get(name);
    if (!variable) {
      variable = tf.tidy(() => tf.variable(tf.zerosLike(like), false));
      this.state.set(name, variable);
    }
    return variable;
  }
}

function gradientOf({ name, variable }: Parameter, gradients: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
  const gradient = gradients.get(name);
  if (!gradient) {
    throw new Error(`gradients: none given for ${name}`);
  }
  if (String(gradient.shape) !== String(variable.shape)) {
    throw new Error(
      `gradients: ${name} has shape [${gradient.shape}], expected its parameter's, [${variable.shape}]`,
    );
  }
  return gradient;
}

/** @throws {@link UserError} for an unknown rule or option, or one out of range. */
export function checkOptimizer(spec: OptimizerSpec): void {
  checkChoice('optimizer', 'kind', spec.kind, Object.keys(OPTIONS));
  checkOptionNames(`optimizer ${spec.kind}`, spec, OPTIONS[spec.kind]);
  checkNumber('optimizer', 'weightDecay', spec.weightDecay ?? 0, 0);
  const averages =
    spec.kind === 'sgd' ? { momentum: spec.momentum } : { beta1: spec.beta1, beta2: spec.beta2 };
  for (const [name, value] of Object.entries(averages)) {
    checkNumber('optimizer', name, value ?? 0, 0, BELOW_ONE);
  }
}

/**
 * Operations one after the other, each result freed as soon as the next is there: the largest parameter of a fully
 * connected head takes 100 MB, and so does every temporary tensor of its size.
 */
function chain(start: tf.Tensor, ...operations: ((x: tf.Tensor) => tf.Tensor)[]): tf.Tensor {
  return operations.reduce((before, operation) => {
    const after = operation(before);
    if (before !== start) before.dispose();
    return after;
  }, start);
}

/** `average = keep * average + part`; frees the part. */
function moveTowards(average: tf.Variable, part: tf.Tensor, keep: number): void {
  const next = chain(
    average,
    (value) => value.mul(keep),
    (value) => value.add(part),
  );
  part.dispose();
  average.assign(next);
}
