import * as tf from '@tensorflow/tfjs';
import { readEnvironment } from '../../core/environment';
import type { DetectionLoss } from '../../loss/detectionLoss';
import { Detector } from '../../model/detector';
import type { BackendInfo } from '../../tensor/backend';
import { makeLoss } from '../config/lossConfig';
import { loadBackbone } from './backboneWeights';
import { faultsOfInitialRun, loadInitialRun } from './initialRun';
import type { ExperimentInputs } from './inputs';
import { planTraining, type TrainingPlan } from './memoryPlan';
import { preflight } from './preflight';

/** Everything that a run is trained from; built once, and trained in sittings. */
export interface Experiment extends ExperimentInputs {
  backend: BackendInfo;
  /** With its weights before the first step. */
  detector: Detector;
  loss: DetectionLoss;
  plan: TrainingPlan;
}

/** Checkpoints for which there has to be room before the first step: the last, the one being written, and the network. */
const CHECKPOINTS = 3;

/**
 * Build what is trained. Whatever would end the training or spoil its result is found here.
 *
 * @returns Its detector is the caller's to dispose.
 * @throws UserError that names all faults at once.
 */
export async function buildExperiment(
  inputs: ExperimentInputs,
  backend: BackendInfo,
  { results, workdir, memory }: { results: string; workdir: string; memory?: string },
): Promise<Experiment> {
  const { config, train, heldOut, evaluate, initial } = inputs;
  const detector = new Detector({ ...config.model, classes: train.classes });
  const loss = makeLoss(config.loss);
  const batch = Math.min(config.batchSize, train.items.length);
  const of = { config, detector, batch, backend, loss: loss.description };
  const plan = planTraining({ ...of, memory });
  const { parameters, optimizer, averages } = plan.estimate.phases.update;
  const here = { workdir, classes: train.classes, coding: loss.description.coding };
  await preflight({
    ...{ train, heldOut, evaluate },
    faults: initial ? await faultsOfInitialRun(initial, here) : [],
    folders: [
      { path: workdir, purpose: 'checkpoints', bytes: CHECKPOINTS * (parameters + optimizer + averages) },
      { path: results, purpose: 'results', bytes: 0 },
      { path: readEnvironment().cacheFolder, purpose: 'features', bytes: 0 },
    ],
  });
  detector.initialise(config.seed);
  try {
    await loadBackbone(detector, config.backboneWeights, config.seed);
    setConfidenceBias(detector, config.confidenceBias);
    if (initial) await loadInitialRun(detector, initial, workdir);
    return { ...inputs, backend, detector, loss, plan };
  } catch (error) {
    detector.dispose();
    throw error;
  }
}

/**
 * Set the initial bias of every predictor's confidence in the head's last layer; the other biases of that layer become
 * 0. Without objectness there is nothing to set.
 */
function setConfidenceBias(detector: Detector, value: number): void {
  const { predictors, classes, head, objectness = true } = detector.spec;
  if (!objectness) return;
  const decoupled = head === 'decoupled';
  const name = decoupled ? 'head.box.output.bias' : 'head.output.bias';
  const bias = detector.head.parameters().find((parameter) => parameter.name === name)!.variable;
  const depth = predictors * 5 + (decoupled ? 0 : classes.length);
  const values = Float32Array.from({ length: bias.size }, (_, index) => {
    const place = index % depth;
    return place < predictors * 5 && place % 5 === 4 ? value : 0;
  });
  tf.tidy(() => {
    bias.assign(tf.tensor1d(values));
  });
}
