import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { hashOf } from '../../core/hashOf';
import { WEIGHTS_FILE } from '../../detect/detectorFiles';
import { checkSavedDetector } from '../../detect/detectorFolder';
import { codingOf, type PredictionCoding } from '../../grid/coding';
import type { Detector } from '../../model/detector';
import { loadWeights } from '../../model/weights/weights';
import { readRunRecord } from '../../record/readRunRecord';
import type { RunRecord } from '../../record/runRecord';
import type { ExperimentConfig } from '../config/config';
import { findNetwork } from '../workdir/holdings';
import type { WeightsUsed } from './backboneWeights';

/** A run from whose network another one starts. */
export interface InitialRun {
  /** Field of the configuration that names it. */
  field: 'initialHead' | 'initialNetwork';
  record: RunRecord;
}

/**
 * The run that a configuration starts from, if any.
 *
 * @param results - Folder in which its record lies.
 * @throws UserError if there is no such record.
 */
export async function readInitialRun(
  config: Pick<ExperimentConfig, 'initialHead' | 'initialNetwork'>,
  results: string,
): Promise<InitialRun | undefined> {
  const field = config.initialHead === null ? 'initialNetwork' : 'initialHead';
  const name = config[field];
  if (name === null) return undefined;
  const path = join(results, name);
  if (!existsSync(path)) {
    throw new UserError(`config: ${field} is '${name}', but there is no record ${path}; train it first`);
  }
  return { field, record: (await readRunRecord(path)).record };
}

/** Weights as a run records them when it starts from another: that run's key stands for what it trained. */
export function startingWeights(backbone: WeightsUsed, initial: InitialRun | undefined): WeightsUsed {
  if (!initial) return backbone;
  const { field, record } = initial;
  const part = field === 'initialHead' ? 'head' : 'network';
  return {
    source: `${backbone.source}, ${part} of ${record.name}`,
    fingerprint: hashOf([backbone.fingerprint, record.key, ...(part === 'network' ? [part] : [])]),
  };
}

/** Faults that keep an initial run's network from being this run's start, one entry each. */
export async function faultsOfInitialRun(
  { field, record }: InitialRun,
  { workdir, classes, coding }: { workdir: string; classes: readonly string[]; coding: PredictionCoding },
): Promise<string[]> {
  const start = `config: ${field} is '${record.name}', but `;
  const folder = await findNetwork(workdir, record);
  if (!folder) {
    return [
      `${start}${workdir} holds no network of its record; train that run again (its record alone holds no weights)`,
    ];
  }
  const { about: found } = await checkSavedDetector(folder);
  return [
    ...(found.spec.classes.join('\n') === classes.join('\n')
      ? []
      : [`${start}its classes are ${found.spec.classes.join(', ')}, and those here ${classes.join(', ')}`]),
    ...(hashOf(found.coding) === hashOf(codingOf(coding))
      ? []
      : [`${start}its outputs are read otherwise than those of this loss; take a loss of the same kind`]),
  ];
}

/** Load what the initial run trained. @throws UserError if it is of another form. */
export async function loadInitialRun(
  detector: Detector,
  { field, record }: InitialRun,
  workdir: string,
): Promise<void> {
  const folder = (await findNetwork(workdir, record))!;
  const part = field === 'initialHead' ? detector.head : detector;
  await loadWeights(join(folder, WEIGHTS_FILE), part);
}
