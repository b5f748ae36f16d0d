import { UserError } from '../../core/errors';
import { checkAugmentation } from '../../data/augment/augment';
import type { ExperimentConfig } from './config';
import { checkInputSizes } from './inputSizes';

/** @throws UserError for fields that don't go together. */
export function checkTogether(config: ExperimentConfig): void {
  const both = config.train.find((list) => config.evaluate.includes(list));
  if (both) {
    throw new UserError(`config: list ${both} is trained on and evaluated on; take it out of one`);
  }
  if (config.gradients !== null && config.microBatch !== null) {
    throw new UserError(
      `config: microBatch is ${config.microBatch}, but streamed gradients are of a batch at once; leave one out`,
    );
  }
  if (config.trainable === 'head' && config.batchNorm === 'batch' && config.microBatch !== null) {
    throw new UserError(
      `config: microBatch is ${config.microBatch}, but a backbone that isn't trained takes its batch statistics from ` +
        'the whole batch; leave microBatch out',
    );
  }
  if (config.initialHead !== null && config.initialNetwork !== null) {
    throw new UserError('config: initialHead and initialNetwork are both given, expected one of them');
  }
  checkAugmentation(config.augmentation);
  const { inputSizes, warmUpEpochs, warmUpSteps, model, loss, confidenceBias } = config;
  if (inputSizes !== null) checkInputSizes(inputSizes, config.epochs, model);
  if (config.patience !== null && config.heldOut === null) {
    throw new UserError(
      `config: patience is ${config.patience}, but nothing is held out that could decide; give heldOut, such as 0.1`,
    );
  }
  for (const field of ['frozenPrefix', 'inputSizes', 'mosaicFreeEpochs'] as const) {
    if (config[field] !== null && config.trainable === 'head') {
      throw new UserError(
        `config: ${field} is given where only the head is trained; leave it out, or trainable 'all'`,
      );
    }
  }
  if (config.finalStatistics !== null && config.batchNorm !== 'batch') {
    throw new UserError(
      `config: finalStatistics is '${config.finalStatistics}', but batchNorm '${config.batchNorm}' never moves the ` +
        "backbone's statistics; leave it out",
    );
  }
  if (warmUpEpochs !== null && warmUpSteps > 0) {
    throw new UserError('config: warmUpEpochs and warmUpSteps are both given, expected one of them');
  }
  const without = model.objectness === false;
  if ((loss.kind === 'taskAligned') !== without) {
    throw new UserError(
      `config: the loss '${loss.kind}' is for a model ${without ? 'with' : 'without'} objectness; ` +
        `set model.objectness to ${without}, or take another loss`,
    );
  }
  if (without && confidenceBias !== 0) {
    throw new UserError(
      `config: confidenceBias is ${confidenceBias}, but the model has no objectness; leave it out`,
    );
  }
}
