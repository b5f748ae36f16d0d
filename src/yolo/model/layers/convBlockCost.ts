import type { Activation } from './activation';
import type { BackwardStep, NormBehaviour, TrainingCost } from './layer';
import { BatchNorm, type GroupNorm } from './norm';

/**
 * Numbers that a convolution with its normalisation and activation keeps for its gradients, as the operations in
 * `tensor/ops` do: BatchNorm saves the convolution's result, unless it is constant and so part of the convolution; an
 * activation saves its own result, not its input, but SiLU its input and its gate, beside the result that the next layer
 * reads.
 *
 * @param inputs - Numbers of a picture that come in.
 * @param outputs - Numbers of a picture that go out.
 */
export function convBlockCost(
  { activation, norm }: { activation: Activation; norm?: BatchNorm | GroupNorm },
  { inputs, outputs }: { inputs: number; outputs: number },
  behaviour: NormBehaviour,
): TrainingCost {
  const activated = activation !== 'none';
  const result = activated ? (activation === 'silu' ? 3 : 1) * outputs : 0;
  const activating: BackwardStep[] = activated ? [{ alive: 2 * outputs, frees: result }] : [];
  // The gradient of its input, and a padded copy of the input for that of the filter.
  const convolution: BackwardStep = { alive: outputs + 2 * inputs, frees: 0 };
  if (!norm) {
    return { inputs, kept: result, backward: [...activating, convolution] };
  }
  if (norm instanceof BatchNorm && behaviour === 'constant') {
    const fused: BackwardStep = { alive: result + convolution.alive, frees: result };
    return { inputs, kept: result, backward: [fused] };
  }
  const { kept, backward } = norm.trainingCost(outputs);
  return { inputs, kept: result + kept, backward: [...activating, ...backward, convolution] };
}
