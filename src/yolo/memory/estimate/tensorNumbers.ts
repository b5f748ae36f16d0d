import { countOf } from '../../model/layers/layer';
import { DEVICES, type DeviceMemory } from '../devices';
import type { Part, Phase } from '../phases';
import type { EstimateOptions, UpdateRule } from './estimate';
import type { LayerCost, NetworkShape } from './layerCosts';
import { backwardPeak, forwardPeak, keptToTheEnd, type PassPeak } from './passPeaks';

/** The moments that each rule keeps of a parameter's gradients, a tensor of its size each. */
export const MOMENTS = {
  sgd: ['momentum'],
  adam: ['mean', 'square'],
  adamw: ['mean', 'square'],
} as const satisfies Record<UpdateRule, readonly string[]>;

/**
 * Temporary tensors of a parameter's size while it is updated, weight decay included. Parameters are updated one after
 * the other, so the largest counts.
 */
const UPDATE_COPIES: Readonly<Record<UpdateRule, number>> = { sgd: 3, adam: 4, adamw: 3 };

/** The same for the moving average; in place, the way that it goes. */
const AVERAGE_COPIES = 3;
const AVERAGE_COPIES_IN_PLACE = 1;

/** Pictures of a forward pass in evaluation; the trainer's. */
const EVALUATED_TOGETHER = 8;

/** How many numbers of 4 bytes the tensors of each part have at the worst moment of each phase. */
export type TensorNumbers = Readonly<Record<Phase, Partial<Record<Part, number>>>>;

/** Counts the tensors of a training. */
export function tensorNumbers(
  network: NetworkShape,
  layers: readonly LayerCost[],
  {
    batch,
    accumulation = 1,
    optimizer,
    averages = false,
    streamed = false,
    device: kind = 'cpu',
  }: EstimateOptions,
): TensorNumbers {
  const device = DEVICES[kind];
  const inTraining = layers.filter(({ trained }) => trained);
  const trained = sum(layers, ({ trainedParameters }) => trainedParameters);
  const largest = Math.max(0, ...layers.map(({ largestParameter }) => largestParameter));
  const picture = inTraining[0]?.inputs ?? 0;
  const parameters = sum(layers, (layer) => layer.parameters + layer.statistics);
  const standing = {
    parameters,
    optimizer: MOMENTS[optimizer].length * trained,
    averages: averages ? sum(inTraining, (layer) => layer.parameters + layer.statistics) : 0,
    // The effective batch, and the micro-batch cut out of it.
    pictures: picture * batch * (accumulation * device.picturesHeld + (accumulation > 1 ? 1 : 0)),
  };
  // Where gradients are accumulated, the sum of those before stays.
  const added = accumulation > 1 ? trained : 0;
  const { forward, backward } = passesOf(inTraining, batch, device, streamed);
  const copies = device.inPlace
    ? { update: 0, average: AVERAGE_COPIES_IN_PLACE }
    : { update: UPDATE_COPIES[optimizer], average: AVERAGE_COPIES };
  const untrained = layers.map((layer) => ({ ...layer, trained: false, kept: 0 }));
  return {
    load: { parameters },
    forward: { ...standing, ...peakParts(forward, added) },
    backward: { ...standing, ...peakParts(backward, added) },
    // The parameters are updated one by one.
    update: {
      ...standing,
      gradients: streamed ? 0 : trained,
      workspace: Math.max(copies.update, averages ? copies.average : 0) * largest,
    },
    evaluate: {
      ...standing,
      pictures: countOf(network.inputShape) * EVALUATED_TOGETHER * device.picturesHeld,
      workspace: forwardPeak(untrained, EVALUATED_TOGETHER).transient,
    },
  };
}

function peakParts({ activations, gradients, transient }: PassPeak, added: number) {
  return { activations, gradients: gradients + added, workspace: transient };
}

/** The peaks of the two passes. */
function passesOf(
  layers: readonly LayerCost[],
  batch: number,
  { plainOperations }: DeviceMemory,
  streamed: boolean,
) {
  if (!plainOperations) {
    return { forward: forwardPeak(layers, batch), backward: backwardPeak(layers, batch, streamed) };
  }
  const kept = keptToTheEnd(layers) * batch;
  const gradients = streamed
    ? Math.max(0, ...layers.map(({ trainedParameters }) => trainedParameters))
    : sum(layers, ({ trainedParameters }) => trainedParameters);
  const activations = kept * plainOperations.kept;
  const forward: PassPeak = { activations, gradients: 0, transient: 0 };
  const backward: PassPeak = { activations, gradients, transient: kept * plainOperations.gradients };
  return { forward, backward };
}

function sum(layers: readonly LayerCost[], count: (layer: LayerCost) => number): number {
  return layers.reduce((total, layer) => total + count(layer), 0);
}
