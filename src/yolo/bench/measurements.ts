import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findDevkits } from '../data/findDevkits';
import { writeScenesDevkit } from '../data/scene/writeScenesDevkit';
import { mayHaveGpu } from '../tensor/webgpu/adapter';
import { writeCocoFiles, writeNmsFile } from './inputFiles';
import { UPDATES } from './trainingWork';
import type { Measurement, NetworkName } from './work';

const NETWORKS: readonly NetworkName[] = ['baseline', 'resnet18', 'resnet18-conv'];
/** A GPU is idle at 4 and has not enough at 16. */
const BATCHES = mayHaveGpu() ? [1, 16, 64] : [1, 4, 16];
const LOADED_PICTURES = 64;
const TRAINED_BATCH = 16;

/** A measurement, and what has to be written before its processes start. */
export interface Planned extends Measurement {
  readonly writeFiles?: () => void | Promise<void>;
}

/** Everything that can be measured, in order. @param folder - For the files that both contestants read. */
export function planMeasurements(folder: string): Planned[] {
  return [
    ...planNetworks(),
    planLoading(folder),
    planTraining(folder),
    ...planNms(folder),
    ...planEvaluation(folder),
  ];
}

function planNetworks(): Planned[] {
  const timing = { warmUps: 2, repetitions: 3 };
  const plans = NETWORKS.flatMap((network) => [
    ...(['forward', 'frozen', 'batch'] as const).flatMap((kind) =>
      BATCHES.map((batch) => ({
        name: `${network} ${kind} ${batch}`,
        work: { kind, network, batch },
        count: batch,
        ...timing,
      })),
    ),
    { name: `${network} update`, work: { kind: 'update' as const, network, batch: 1 }, count: 1, ...timing },
  ]);
  const bfloat16 = plans
    .filter(({ name }) => /^resnet18 (forward|frozen) 4$/.test(name))
    .map((plan) => ({ ...plan, name: `${plan.name} bfloat16`, bfloat16: true }));
  return [...plans, ...bfloat16];
}

function planLoading(folder: string): Planned {
  const { name, writeFiles, ...pictures } = findPictures(folder);
  return {
    name: `loading ${name}`,
    work: { kind: 'loading', ...pictures, pictures: LOADED_PICTURES },
    count: LOADED_PICTURES,
    warmUps: 1,
    repetitions: 3,
    writeFiles,
  };
}

function planTraining(folder: string): Planned {
  const { name, writeFiles, ...pictures } = findPictures(folder);
  return {
    name: `training on ${name} ${TRAINED_BATCH}`,
    work: { kind: 'training', ...pictures, batch: TRAINED_BATCH },
    count: UPDATES * TRAINED_BATCH,
    warmUps: 1,
    repetitions: 3,
    alone: true,
    writeFiles,
  };
}

/** The user's own photographs where there are any, else generated scenes. */
function findPictures(folder: string) {
  const [year] = findDevkits().yearFolders;
  const writeFiles = async () => {
    if (!year) await writeScenesDevkit(folder, { train: LOADED_PICTURES, val: 1 });
  };
  return {
    name: year ? 'photographs' : 'scenes',
    folder: year ?? join(folder, 'Scenes'),
    split: 'train',
    writeFiles,
  };
}

function planNms(folder: string): Planned[] {
  const plan = (name: string, made: Parameters<typeof writeNmsFile>[1]): Planned => {
    const file = join(folder, `nms-${made.boxes}.json`);
    return {
      name,
      work: { kind: 'nms', file },
      count: made.calls,
      warmUps: 2,
      repetitions: 5,
      writeFiles: () => writeNmsFile(file, made),
    };
  };
  return [
    plan('nms 98 boxes of one class', { boxes: 98, objects: 5, classes: 1, calls: 500 }),
    plan('nms 10000 boxes of 20 classes', { boxes: 10_000, objects: 100, classes: 20, calls: 10 }),
  ];
}

function planEvaluation(folder: string): Planned[] {
  const files = join(folder, 'coco');
  return (['voc', 'coco'] as const).map((rules) => ({
    name: `evaluation ${rules}`,
    work: { kind: 'evaluation', rules, folder: files },
    count: 1,
    // Nobody evaluates twice: the first call is the one that people wait for.
    warmUps: 0,
    repetitions: 1,
    writeFiles: () => {
      mkdirSync(files, { recursive: true });
      writeCocoFiles(files);
    },
  }));
}
