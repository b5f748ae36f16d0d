import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { hashOf } from '../core/hashOf';
import { checkSavedDetector } from '../detect/detectorFolder';
import type { Detector } from '../model/detector';
import { loadWeights } from '../model/weights';
import { readRunRecord } from '../record/readRunRecord';
import type { WeightsUsed } from './backboneWeights';
import type { ExperimentConfig } from './config';
import { RunFolder } from './runFolder';

/**
 * Weights as a run records them when its head starts from that of another run: that run's key stands for the head.
 *
 * @param records - Folder in which the other run's record lies.
 * @throws UserError if there is no such record.
 */
export async function withInitialHead(
  backbone: WeightsUsed,
  { initialHead }: ExperimentConfig,
  records: string,
): Promise<WeightsUsed> {
  if (initialHead === null) {
    return backbone;
  }
  const path = join(records, initialHead);
  if (!existsSync(path)) {
    throw new UserError(
      `config: initialHead is '${initialHead}', but there is no record ${path}; train it first`,
    );
  }
  const { record } = await readRunRecord(path);
  return {
    source: `${backbone.source}, head of ${initialHead}`,
    fingerprint: hashOf([backbone.fingerprint, record.key]),
  };
}

/**
 * Load the head that another run trained.
 *
 * @param runs - Folder in which that run's directory lies; `records` is that of its record.
 * @throws UserError if there is no trained network, it isn't that of the record, or its head is another one.
 */
export async function loadInitialHead(
  detector: Detector,
  { initialHead }: ExperimentConfig,
  { records, runs }: { records: string; runs: string },
): Promise<void> {
  if (initialHead === null) {
    return;
  }
  const path = join(runs, initialHead, 'weights.safetensors');
  if (!existsSync(path)) {
    throw new UserError(
      `config: initialHead is '${initialHead}', but there is no trained network ${path}; ` +
        'train that run again (its record alone holds no weights)',
    );
  }
  const { record } = await readRunRecord(join(records, initialHead));
  if ((await RunFolder.keyOf(join(runs, initialHead))) !== record.key) {
    throw new UserError(
      `config: initialHead is '${initialHead}', but ${join(runs, initialHead)} holds the network of another run than ` +
        `the record ${join(records, initialHead)}; train that run again`,
    );
  }
  await checkSavedDetector(join(runs, initialHead));
  await loadWeights(path, detector.head);
}
