import * as tf from '@tensorflow/tfjs';
import type { LossValue } from '../loss/detectionLoss';
import type { Parameter, ParameterReading } from '../model/layers/layer';
import { differentiable, isRecording } from '../tensor/ops/gradient';
import { squaredNorm } from './gradients';

/** Takes one parameter's gradient, which is freed afterwards. */
export type GradientUse = (parameter: Parameter, gradient: tf.Tensor) => void;

/** What a pass says: the loss and its parts, and the squared norm of all its gradients. The caller disposes both. */
export interface StreamedPass {
  names: readonly string[];
  /** `[1 + parts]` */
  losses: tf.Tensor;
  square: tf.Tensor;
}

/**
 * Forward and backward pass in which each parameter's gradient is handed over as soon as it has been computed, and then
 * freed: of all gradients no more than one is there at a time.
 *
 * @param computeLoss - Reads parameters as `reading` says.
 * @param use - Default: nothing, for the norm alone.
 * @throws Error naming a parameter that the loss does not depend on.
 */
export function streamGradients(
  computeLoss: (reading: ParameterReading) => LossValue,
  parameters: readonly Parameter[],
  use: GradientUse = () => {},
): StreamedPass {
  const squares: tf.Scalar[] = [];
  const stream = new GradientStream(parameters, (parameter, gradient) => {
    squares.push(tf.keep(squaredNorm(gradient)));
    use(parameter, gradient);
  });
  let names: string[] = [];
  let losses: tf.Tensor | undefined;
  try {
    const { value, grads } = tf.variableGrads(() => {
      const loss = computeLoss(stream);
      names = Object.keys(loss.parts);
      losses = tf.keep(tf.stack([loss.total, ...Object.values(loss.parts)]));
      return loss.total;
    }, [stream.trigger]);
    tf.dispose([value, grads]);
    stream.checkAll();
    return { names, losses: losses!, square: tf.tidy(() => tf.addN(squares)) };
  } catch (error) {
    losses?.dispose();
    throw error;
  } finally {
    tf.dispose(squares);
    stream.dispose();
  }
}

/** A way to read parameters by which their gradients come out. */
class GradientStream implements ParameterReading {
  /** Every reading depends on it, so that the gradients by it lead through all readings. */
  readonly trigger = tf.tidy(() => tf.variable(tf.scalar(0)));
  private readonly byVariable: ReadonlyMap<string, Parameter>;
  /** Of a parameter that several operations read, the gradients so far. */
  private readonly open = new Map<string, { readings: number; sum?: tf.Tensor }>();
  private readonly done = new Set<string>();

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly use: GradientUse,
  ) {
    this.byVariable = new Map(parameters.map((parameter) => [parameter.variable.name, parameter]));
  }

  read(variable: tf.Variable): tf.Tensor {
    const parameter = this.byVariable.get(variable.name);
    if (!parameter || !isRecording()) return variable;
    const of = this.open.get(parameter.name) ?? { readings: 0 };
    this.open.set(parameter.name, { ...of, readings: of.readings + 1 });
    return differentiable<tf.Tensor>(
      [this.trigger],
      () => ({ value: variable.clone(), saved: [] }),
      (gradient) => [
        () => {
          this.came(parameter, gradient);
          return tf.scalar(0);
        },
      ],
    );
  }

  /** @throws Error naming a parameter whose gradient has not come. */
  checkAll(): void {
    const missing = this.parameters.find(({ name }) => !this.done.has(name));
    if (missing) {
      throw new Error(
        `parameters: the loss does not depend on ${missing.name}; train only what it depends on`,
      );
    }
  }

  dispose(): void {
    this.trigger.dispose();
    for (const { sum } of this.open.values()) sum?.dispose();
  }

  private came(parameter: Parameter, gradient: tf.Tensor): void {
    const { readings, sum } = this.open.get(parameter.name)!;
    const added = sum ? tf.keep(sum.add(gradient)) : undefined;
    sum?.dispose();
    if (readings > 1) {
      this.open.set(parameter.name, { readings: readings - 1, sum: added ?? tf.keep(gradient.clone()) });
      return;
    }
    this.open.delete(parameter.name);
    this.done.add(parameter.name);
    this.use(parameter, added ?? gradient);
    added?.dispose();
  }
}
