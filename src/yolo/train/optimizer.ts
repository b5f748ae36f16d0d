import * as tf from '@tensorflow/tfjs';
import { checkArguments, listOf } from '../core/arguments';
import { UserError } from '../core/errors';
import { MOMENTS } from '../memory/estimate/tensorNumbers';
import type { Parameter } from '../model/layers/layer';
import { addInPlace, changesInPlace, shrinkInPlace } from '../tensor/ops/inPlace';
import { applyAdam, applyMomentum } from '../tensor/ops/updateKernels';
import { composedAdam, composedMomentum, decayed } from './composedUpdates';
import { BETA1, BETA2, checkOptimizer, EPSILON, MOMENTUM, type OptimizerSpec } from './optimizerSpec';

/** Changes one parameter by its gradient times `scale`. */
export type ParameterUpdate = (parameter: Parameter, gradient: tf.Tensor, scale: number) => void;

/** Parameters that share a base learning rate. */
export interface ParameterGroup {
  /** Such as `detector.head.parameters()`. */
  parameters: readonly Parameter[];
  /** Base learning rate; the schedule multiplies it. */
  learningRate: number;
}

const GROUPS = listOf('a list of groups of parameters', (group) => {
  const { parameters, learningRate } = Object(group);
  return Array.isArray(parameters) && Number.isFinite(learningRate);
});

/**
 * An optimizer whose state is kept by parameter name, so another order or subset of parameters cannot pick up
 * somebody else's moments. Weight decay acts on weights only, never on biases and norms.
 */
export class Optimizer {
  private readonly state = new Map<string, tf.Variable>();
  /** Updates done so far; set it to go on from a checkpoint. */
  steps = 0;

  /**
   * @param spec - The update rule.
   * @param groups - What it updates; a parameter stands in one group only.
   * @throws UserError for an unknown rule or option, or one out of range. Also for a parameter in two groups.
   */
  constructor(
    private readonly spec: OptimizerSpec,
    private readonly groups: readonly ParameterGroup[],
  ) {
    checkOptimizer(spec);
    checkArguments('Optimizer', { groups }, { groups: GROUPS });
    const names = this.parameters.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice) {
      throw new UserError(`groups: parameter ${twice} stands in two groups, expected each in one`);
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
   * @param gradients - By parameter name; every parameter must have one.
   * @param factor - The schedule's factor on the base rates.
   * @param scale - What gradients are multiplied by first, to clip them; at most 1. Default 1.
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
   * @param factor - The schedule's factor on the base rates.
   * @param work - Calls `update` once for every parameter; the gradient is used up, as in {@link apply}.
   */
  step(factor: number, work: (update: ParameterUpdate) => void): void {
    this.steps += 1;
    const rates = new Map(
      this.groups.flatMap(({ parameters, learningRate }) =>
        parameters.map(({ name }): [string, number] => [name, learningRate * factor]),
      ),
    );
    work((parameter, gradient, scale) => {
      tf.tidy(() => this.update(parameter, gradient, rates.get(parameter.name)!, scale));
    });
  }

  /** The moments, such as `head.conv1.weight/mean`, for a checkpoint; the tensors stay the optimizer's. */
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

  private update(
    { name, kind, variable }: Parameter,
    gradient: tf.Tensor,
    rate: number,
    scale: number,
  ): void {
    const { spec } = this;
    const decay = kind === 'weight' ? (spec.weightDecay ?? 0) : 0;
    const coupled = decay > 0 && spec.kind !== 'adamw';
    const inPlace = changesInPlace();
    let g = gradient;
    if (inPlace) {
      if (scale < 1) shrinkInPlace(g, scale, variable);
      if (coupled) addInPlace(g, variable, decay);
      else if (decay > 0) shrinkInPlace(variable, 1 - rate * decay, g);
    } else {
      if (scale < 1) g = g.mul(scale);
      if (coupled) g = decayed(g, variable, decay);
      else if (decay > 0) variable.assign(variable.mul(1 - rate * decay));
    }
    if (spec.kind === 'sgd') {
      const { momentum = MOMENTUM, nesterov = false } = spec;
      const velocity = this.slot(`${name}/momentum`, variable);
      const apply = inPlace ? applyMomentum : composedMomentum;
      apply([variable, velocity], g, { rate, momentum, nesterov });
      return;
    }
    const moments = [this.slot(`${name}/mean`, variable), this.slot(`${name}/square`, variable)] as const;
    const { beta1 = BETA1, beta2 = BETA2 } = spec;
    const constants = { step: this.steps, learningRate: rate, beta1, beta2, epsilon: EPSILON };
    const apply = inPlace ? applyAdam : composedAdam;
    apply([variable, ...moments], g, constants);
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
