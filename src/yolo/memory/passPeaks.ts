import type { LayerCost } from './layerCosts';

/** What is alive at the worst moment of a pass, in numbers of 4 bytes, for a whole micro-batch. */
export interface PassPeak {
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
export function forwardPeak(layers: readonly LayerCost[], batch: number): PassPeak {
  let worst: PassPeak = { activations: 0, gradients: 0, transient: 0 };
  let activations = 0;
  for (const layer of layers) {
    // The convolution's result, the normalised one, the activated one; without training their input besides.
    const made = (layer.trained ? 3 * layer.outputs : layer.inputs + 2 * layer.outputs) * batch;
    if (activations + made > worst.activations + worst.transient) {
      worst = { activations, gradients: 0, transient: made };
    }
    activations += layer.kept * batch;
  }
  return activations > worst.activations + worst.transient ? { ...worst, activations, transient: 0 } : worst;
}

/**
 * Walk the backward pass from the last layer to the first. Activations go as gradients of weights come, so the worst
 * moment can be at its beginning, at its end or between.
 *
 * @param batch - Pictures of the micro-batch.
 */
export function backwardPeak(layers: readonly LayerCost[], batch: number): PassPeak {
  const trained = layers.filter((layer) => layer.trained);
  let activations = trained.reduce((sum, layer) => sum + layer.kept * batch, 0);
  let gradients = 0;
  let worst: PassPeak = { activations, gradients, transient: 0 };
  const consider = (transient: number, computed: number) => {
    if (activations + computed + transient > worst.activations + worst.gradients + worst.transient) {
      worst = { activations, gradients: computed, transient };
    }
  };
  // The gradient on a other way of a branch, which waits until both ways have come back to where they part.
  let waiting = 0;
  // Where both ways have been added up, TensorFlow.js lets go of one of the two gradients only when the pass is over.
  let left = 0;
  for (let index = trained.length - 1; index >= 0; index--) {
    const layer = trained[index];
    const afterAddition = trained[index + 1]?.branch === 'closes';
    layer.backward.forEach(({ alive, frees }, step) => {
      const last = step === layer.backward.length - 1;
      // Right behind the addition both ways share one tensor.
      const beside = afterAddition && step === 0 ? 0 : waiting;
      const computed = gradients + (last ? layer.trainedParameters : 0);
      consider((alive + beside + left) * batch, computed);
      activations -= frees * batch;
    });
    gradients += layer.trainedParameters;
    if (layer.branch === 'closes') {
      waiting = layer.outputs;
    } else if (waiting > 0 && layer.branch === 'opens') {
      // Both gradients and their sum.
      consider((2 * layer.inputs + waiting + left) * batch, gradients);
      left += layer.inputs;
      waiting = 0;
    }
  }
  return worst;
}
