import type { Stage } from './stages';

/** What is alive at the worst moment of a pass, in numbers of 4 bytes, for a whole micro-batch. */
export interface PassMoment {
  /** Kept for the backward pass, so far or still. */
  activations: number;
  /** Gradients of weights computed so far. */
  gradients: number;
  /** Everything that does not outlive an operation. */
  transient: number;
}

/**
 * The worst moment of a forward pass. What is kept grows to its end, but an early layer's tensors are the largest.
 *
 * @param batch - Pictures of the micro-batch.
 */
export function forwardPeak(stages: readonly Stage[], batch: number): PassMoment {
  let worst: PassMoment = { activations: 0, gradients: 0, transient: 0 };
  let activations = 0;
  for (const stage of stages) {
    // The convolution's result, the normalised one, the activated one; without training their input besides.
    const made = (stage.trained ? 3 * stage.outputs : stage.inputs + 2 * stage.outputs) * batch;
    if (activations + made > worst.activations + worst.transient) {
      worst = { activations, gradients: 0, transient: made };
    }
    activations += stage.kept * batch;
  }
  return activations > worst.activations + worst.transient ? { ...worst, activations, transient: 0 } : worst;
}

/**
 * Walk the backward pass from the last stage to the first. Activations go as gradients of weights come, so the worst
 * moment can be at its beginning, at its end or between.
 *
 * @param batch - Pictures of the micro-batch.
 */
export function backwardPeak(stages: readonly Stage[], batch: number): PassMoment {
  const trained = stages.filter((stage) => stage.trained);
  let activations = trained.reduce((sum, stage) => sum + stage.kept * batch, 0);
  let gradients = 0;
  let worst: PassMoment = { activations, gradients, transient: 0 };
  const consider = (transient: number, computed: number) => {
    if (activations + computed + transient > worst.activations + worst.gradients + worst.transient) {
      worst = { activations, gradients: computed, transient };
    }
  };
  // The gradient on a residual block's other way, which waits until both ways have come back to the block's input.
  let waiting = 0;
  // Where both ways have been added up, TensorFlow.js lets go of one of the two gradients only when the pass is over.
  let left = 0;
  for (let index = trained.length - 1; index >= 0; index--) {
    const stage = trained[index];
    const afterAddition = trained[index + 1]?.type.startsWith('Add');
    stage.backward.forEach(({ alive, frees }, step) => {
      const last = step === stage.backward.length - 1;
      // Right behind the addition both ways share one tensor.
      const beside = afterAddition && step === 0 ? 0 : waiting;
      const computed = gradients + (last ? stage.trainedParameters : 0);
      consider((alive + beside + left) * batch, computed);
      activations -= frees * batch;
    });
    gradients += stage.trainedParameters;
    if (stage.type.startsWith('Add')) {
      waiting = stage.outputs;
    } else if (waiting > 0 && stage.name.endsWith('.conv1')) {
      // Both gradients and their sum.
      consider((2 * stage.inputs + waiting + left) * batch, gradients);
      left += stage.inputs;
      waiting = 0;
    }
  }
  return worst;
}
