import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { requireWritable } from '../../core/writableFolder';
import { type DatasetItem, type Devkit, openDevkit } from '../../data/devkit';
import { predictItems } from '../../detect/predictItems';
import { resultFilePaths, writeResultFiles } from '../../eval/files/resultFiles';
import { interruptible } from '../terminal/interruptible';
import { type Steps, stepsOn } from '../terminal/steps';
import { networkOf, RUN_HELP, requireClasses } from './network';

interface PredictFlags {
  run?: string;
  devkit: string[];
  split: string;
  out: string;
}

/** Adds `yolov1 predict`: VOC result files of a trained network. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description('detections of a trained network in VOC result files, for evaluate and the VOC server')
    .option('--run <folder>', RUN_HELP)
    .requiredOption(
      '--devkit <folder>',
      "one year's folder, such as data/VOCdevkit/VOC2012; of several, each gets a folder in --out",
      (folder: string, before: string[] = []) => [...before, folder],
    )
    .requiredOption('--split <list>', 'id list of the devkit, such as val; needs no annotations')
    .requiredOption(
      '--out <folder>',
      'where comp4_det_<split>_<class>.txt go; none of them may be there already',
    )
    .action((flags: PredictFlags) =>
      interruptible((signal) => predict(flags, signal, stepsOn()), 'nothing was written'),
    );
}

async function predict(flags: PredictFlags, signal: AbortSignal, steps: Steps): Promise<void> {
  const { split, out } = flags;
  const devkits = flags.devkit.map((folder) => openDevkit(folder));
  const items = itemsOf(devkits, split);
  const { detector, name: run } = await networkOf(flags.run);
  try {
    for (const devkit of devkits) requireClasses(devkit, detector.classes, run);
    const years = devkits.map(({ year }) => year);
    const present = resultFilePaths(out, split, years, detector.classes).find((file) => existsSync(file));
    if (present !== undefined) {
      throw new UserError(`${present}: holds detections already; give another --out, or move it away`);
    }
    requirePictures(items);
    await requireWritable(out, 'detections');
    steps.step(`Detecting in ${counted(items.length, 'picture')}`);
    const onProgress = (done: number, all: number) => steps.detail(`${done} of ${all}`);
    const detections = await predictItems(detector, items, { onProgress, signal });
    steps.end();
    const files = await writeResultFiles(out, split, detections);
    const found = counted(detections.length, 'detection');
    process.stdout.write(`${out}: ${found} in ${counted(files.length, 'file')}\n`);
  } finally {
    steps.end();
    detector.dispose();
  }
}

function itemsOf(devkits: readonly Devkit[], split: string): DatasetItem[] {
  return devkits.flatMap((devkit, index) => {
    if (devkits.findIndex(({ year }) => year === devkit.year) < index) {
      throw new UserError(
        `${devkit.folder}: a folder named ${devkit.year} was given before; give each year once, in folders of different names`,
      );
    }
    return devkit.readIds(split).map((id) => devkit.item(id));
  });
}

/** Found out before the first picture instead of at the last. */
function requirePictures(items: readonly DatasetItem[]): void {
  const missing = items.filter(({ imagePath }) => !existsSync(imagePath));
  if (missing.length > 0) {
    const others = missing.length > 1 ? `, nor ${counted(missing.length - 1, 'other')} of the list` : '';
    throw new UserError(
      `${missing[0].imagePath}: no such picture${others}; add what is missing or take it out of the list`,
    );
  }
}
