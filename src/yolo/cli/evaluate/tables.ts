import { statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { openDevkit } from '../../data/devkit';
import { predictItems } from '../../detect/predictItems';
import { readCocoResults, readCocoTruth } from '../../eval/files/cocoFiles';
import { readGroundTruth } from '../../eval/files/readGroundTruth';
import { readResultFiles } from '../../eval/files/readResultFiles';
import { readYoloResults, readYoloTruth } from '../../eval/files/yoloFiles';
import type { DetectionTable } from '../../eval/table/detectionTable';
import type { GroundTruthTable } from '../../eval/table/groundTruthTable';
import { initBackend } from '../../tensor/backend';
import { describeBackend } from '../../tensor/describeBackend';
import { networkOf, requireClasses } from '../detect/network';
import { stepsOn } from '../terminal/steps';

/** What is evaluated on what. */
export interface TableFlags {
  readonly devkit?: string[];
  readonly split?: string;
  readonly truth?: string;
  readonly detections?: string;
  readonly run?: string;
  readonly flip?: boolean;
}

/** Both tables, and the network whose detections these are. */
export interface Tables {
  readonly groundTruth: GroundTruthTable;
  readonly detections: DetectionTable;
  readonly warnings: readonly string[];
  /** Absent where detections were read. */
  readonly network?: NetworkUsed;
}

/** A network that was evaluated. */
export interface NetworkUsed {
  readonly run: string;
  readonly flip: boolean;
  /** From which score on its detections are shown. */
  readonly scoreCut: number;
  /** What detecting took, from files to boxes, and where. */
  readonly speed: {
    readonly seconds: number;
    readonly backend: string;
    readonly cores: number;
    /** Programs that were waiting for a core before it began, as a mean over a minute. */
    readonly load: number;
  };
}

/** @throws {@link UserError} for flags that exclude each other, and whatever can't be read. */
export async function readTables(flags: TableFlags, signal: AbortSignal): Promise<Tables> {
  const { devkit, split, truth, detections, run, flip } = flags;
  if (detections !== undefined && (run !== undefined || flip)) {
    throw new UserError('evaluate: --detections are there already; leave it out, or --run and --flip');
  }
  if (detections === undefined && truth !== undefined) {
    throw new UserError(
      'evaluate: --truth needs --detections; a network is evaluated on --devkit and --split',
    );
  }
  if (detections !== undefined && truth !== undefined && devkit === undefined) {
    if (statSync(truth, { throwIfNoEntry: false })?.isDirectory()) {
      const read = await readYoloTruth(truth, split);
      return { groundTruth: read.groundTruth, ...(await readYoloResults(detections, read)) };
    }
    if (split !== undefined) throw new UserError(`--split: ${truth} is one list already; leave it out`);
    const read = await readCocoTruth(truth);
    return { groundTruth: read.groundTruth, ...(await readCocoResults(detections, read)) };
  }
  if (truth !== undefined || devkit === undefined || split === undefined) {
    throw new UserError('evaluate: expected either --devkit and --split, or --truth; give one of the two');
  }
  if (detections === undefined) return predicted(devkit, split, flags, signal);
  const groundTruth = await readGroundTruth(devkit, split);
  return { groundTruth, ...readResultFiles(detections, split, groundTruth.index) };
}

async function predicted(
  devkits: readonly string[],
  split: string,
  { run, flip = false }: TableFlags,
  signal: AbortSignal,
): Promise<Tables> {
  const { detector, name } = await networkOf(run);
  const steps = stepsOn();
  try {
    const { classes, scoreCut } = detector;
    const opened = devkits.map((folder) => openDevkit(folder));
    for (const devkit of opened) requireClasses(devkit, classes, name);
    const groundTruth = await readGroundTruth(devkits, split, { classes });
    const items = opened.flatMap((devkit) => devkit.readIds(split).map((id) => devkit.item(id)));
    steps.step(`Detecting in ${counted(items.length, 'picture')}`);
    const onProgress = (done: number, all: number) => steps.detail(`${done} of ${all}`);
    const backend = await initBackend();
    const [load] = loadavg();
    const since = performance.now();
    const detections = await predictItems(detector, items, { flip, onProgress, signal });
    const seconds = (performance.now() - since) / 1000;
    const speed = { seconds, backend: describeBackend(backend), cores: backend.cores, load };
    return { groundTruth, detections, warnings: [], network: { run: name, flip, scoreCut, speed } };
  } finally {
    steps.end();
    detector.dispose();
  }
}
