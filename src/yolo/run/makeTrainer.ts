import { encodeObjects } from '../data/gridObjects';
import type { Optimizer } from '../train/optimizer';
import { Trainer } from '../train/trainer';
import type { Experiment } from './setup/buildExperiment';
import type { Training } from './training';
import type { TrainingMemory } from './trainingMemory';

/** The trainer of an experiment; the caller disposes it. */
export function makeTrainer(
  { config, detector, loss, plan }: Experiment,
  training: Training,
  { optimizer, memory }: { optimizer: Optimizer; memory: TrainingMemory },
): Trainer {
  return new Trainer({
    ...config,
    ...training,
    gradients: plan.gradients,
    optimizer,
    loss: (predictions, objects) =>
      loss(predictions, encodeObjects(detector.spec.classes, predictions.shape, objects)),
    warmUpSteps: (config.warmUpEpochs ?? 0) * training.batchesPerEpoch || config.warmUpSteps,
    memory,
  });
}
