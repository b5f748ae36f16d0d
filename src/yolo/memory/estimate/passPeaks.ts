import type { LayerCost } from './layerCosts';

/** Numbers of 4 bytes that are alive at the worst moment of a pass, for a whole micro-batch. */
export interface PassPeak {
  /** Kept for the backward pass, so far or still. */
  activations: number;
  /** Gradients of weights computed so far. */
  gradients: number;
  /** Everything that does not outlive an operation. */
  transient: number;
}

/**
 * Numbers that a layer keeps from the forward to the backward pass for one picture. Of layers that are run again it
 * is the last one's result, which the next ones begin with.
 */
export function keptBetweenPasses(layers: readonly LayerCost[], index: number): number {
  const { recomputed, kept, result } = layers[index];
  if (recomputed === undefined) return kept;
  return layers[index + 1]?.recomputed === recomputed ? 0 : result;
}

/** Layers of a unit that is run again. */
function runAgain(layers: readonly LayerCost[], unit: string): LayerCost[] {
  return layers.filter(({ recomputed }) => recomputed === unit);
}

/** Most that is kept at once where all that is kept stays until the pass is over; in numbers of one picture. */
export function keptToTheEnd(layers: readonly LayerCost[]): number {
  const between = layers.reduce((sum, _, index) => sum + keptBetweenPasses(layers, index), 0);
  const units = new Set(layers.flatMap(({ recomputed }) => recomputed ?? []));
  const again = [...units].map((unit) => runAgain(layers, unit).reduce((sum, { kept }) => sum + kept, 0));
  return between + Math.max(0, ...again);
}

/**
 * The worst moment of a forward pass. What is kept grows to its end, but an early layer's tensors are the largest.
 *
 * @param batch - Pictures of the micro-batch.
 */
export function forwardPeak(layers: readonly LayerCost[], batch: number): PassPeak {
  let worst: PassPeak = { activations: 0, gradients: 0, transient: 0 };
  let activations = 0;
  layers.forEach((layer, index) => {
    const made = madeForward(layer) * batch;
    if (activations + made > worst.activations + worst.transient) {
      worst = { activations, gradients: 0, transient: made };
    }
    activations += keptBetweenPasses(layers, index) * batch;
  });
  return activations > worst.activations + worst.transient ? { ...worst, activations, transient: 0 } : worst;
}

/** The convolution's result, the normalised one, the activated one; without training their input besides. */
function madeForward({ trained, inputs, outputs }: LayerCost): number {
  return trained ? 3 * outputs : inputs + 2 * outputs;
}

/**
 * Walk the backward pass from the last layer to the first. Activations go as gradients of weights come, so the worst
 * moment can be at its beginning, at its end or between.
 *
 * @param batch - Pictures of the micro-batch.
 * @param streamed - Whether gradients of weights are used up as they come.
 */
export function backwardPeak(layers: readonly LayerCost[], batch: number, streamed = false): PassPeak {
  const trained = layers.filter((layer) => layer.trained);
  let activations = trained.reduce((sum, _, index) => sum + keptBetweenPasses(trained, index) * batch, 0);
  let gradients = 0;
  let worst: PassPeak = { activations, gradients, transient: 0 };
  const consider = (transient: number, computed: number) => {
    if (activations + computed + transient > worst.activations + worst.gradients + worst.transient) {
      worst = { activations, gradients: computed, transient };
    }
  };
  // The gradient on the other way of a branch, which waits until both ways have come back to where they part.
  let waiting = 0;
  // Where both ways have been added up, TensorFlow.js lets go of one of the two gradients only when the pass is over.
  let left = 0;
  let leftOutside = 0;
  // The gradient that layers which run again began with, until they are done.
  let outer = 0;
  for (let index = trained.length - 1; index >= 0; index--) {
    const layer = trained[index];
    const unit = layer.recomputed;
    if (unit !== undefined && trained[index + 1]?.recomputed !== unit) {
      const again = runAgain(trained, unit);
      outer = layer.outputs;
      leftOutside = left;
      const peak = forwardPeak(
        again.map((of) => ({ ...of, recomputed: undefined })),
        batch,
      );
      consider(peak.activations + peak.transient + (outer + left) * batch, gradients);
      activations += again.reduce((sum, { kept }) => sum + kept * batch, 0);
    }
    const afterAddition = trained[index + 1]?.branch === 'closes';
    layer.backward.forEach(({ alive, frees }, step) => {
      const last = step === layer.backward.length - 1;
      // Right behind the addition both ways share one tensor.
      const beside = afterAddition && step === 0 ? 0 : waiting;
      const computed = gradients + (last ? layer.trainedParameters : 0);
      consider((alive + beside + left + outer) * batch, computed);
      activations -= frees * batch;
    });
    gradients += streamed ? 0 : layer.trainedParameters;
    if (layer.branch === 'closes') {
      waiting = layer.outputs;
    } else if (waiting > 0 && layer.branch === 'opens') {
      // Both gradients and their sum.
      consider((2 * layer.inputs + waiting + left + outer) * batch, gradients);
      left += layer.inputs;
      waiting = 0;
    }
    if (unit !== undefined && trained[index - 1]?.recomputed !== unit) {
      // The layers' own pass is over, and with it goes what it left; so does what they began with.
      left = leftOutside;
      outer = 0;
      activations -= index > 0 ? keptBetweenPasses(trained, index - 1) * batch : 0;
    }
  }
  return worst;
}
