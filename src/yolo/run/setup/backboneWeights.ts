import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { checkArguments, FINITE, PATH } from '../../core/arguments';
import { readEnvironment } from '../../core/environment';
import { hashOfFile } from '../../core/hashOf';
import { Detector } from '../../model/detector';
import { loadWeights } from '../../model/weights/weights';

/** Origin of a backbone's weights, as a run records it. */
export interface WeightsUsed {
  /** File name, or `random`. */
  source: string;
  /** SHA-256 of the file, or `random <seed>`. */
  fingerprint: string;
}

/** Hashes of files that were read before: a notebook asks for those of one file for every run. */
const hashes = new Map<string, string>();

/**
 * The weights that {@link loadBackbone} would load, without loading them: enough to look for a run's record.
 *
 * @throws Error if the file can't be read.
 */
export function backboneWeightsUsed(file: string, seed: number): Promise<WeightsUsed> {
  return weightsAt(wantedFile(file), file, seed);
}

/**
 * Path of the file that is to be loaded: in `$YOLOV1_WEIGHTS`, else in `data/weights` of the working directory or of
 * the nearest folder above that has it. Undefined where weights are random, wanted or not.
 */
function wantedFile(file: string): string | undefined {
  if (file === 'random') return undefined;
  const { weightsFolder } = readEnvironment();
  const inProject = join('data', 'weights');
  const candidates = [join(weightsFolder, file)];
  if (weightsFolder === resolve(inProject)) {
    for (let folder = process.cwd(); dirname(folder) !== folder; folder = dirname(folder)) {
      candidates.push(join(folder, inProject, file));
    }
  }
  return candidates.find((path) => existsSync(path));
}

async function weightsAt(path: string | undefined, file: string, seed: number): Promise<WeightsUsed> {
  if (!path) {
    return { source: 'random', fingerprint: `random ${seed}` };
  }
  const { size, mtimeMs } = await stat(path);
  const version = `${path} ${size} ${mtimeMs}`;
  let fingerprint = hashes.get(version);
  if (!fingerprint) {
    fingerprint = await hashOfFile(path);
    hashes.set(version, fingerprint);
  }
  return { source: file, fingerprint };
}

const LOADED = { detector: v.instance(Detector, 'a Detector'), file: PATH, seed: FINITE };

/**
 * Load a detector's backbone from a file of the weights folder, which is `$YOLOV1_WEIGHTS`, else `data/weights` of the
 * working directory or of the nearest folder above it that has the file. Without the file the backbone keeps its seeded
 * random weights, and a line on stderr says so: results then tell nothing about pre-training.
 *
 * @param detector - Initialised.
 * @param file - Name in the weights folder, or `random` to want random weights.
 * @param seed - What the detector was initialised with.
 * @returns `source`: the file's name, or `random`; `fingerprint`: the file's SHA-256, or `random` and the seed.
 * @throws UserError if the file is damaged, incomplete or of another network.
 */
export async function loadBackbone(detector: Detector, file: string, seed: number): Promise<WeightsUsed> {
  checkArguments('loadBackbone', { detector, file, seed }, LOADED);
  const path = wantedFile(file);
  if (path) {
    await loadWeights(path, detector.backbone, { prefix: 'backbone.' });
  } else if (file !== 'random') {
    process.stderr.write(
      `yolov1: NO PRE-TRAINED WEIGHTS: no ${file} in YOLOV1_WEIGHTS or data/weights; the backbone is random ` +
        `(seed ${seed}). Run 'npx yolov1 weights fetch resnet18' or set YOLOV1_WEIGHTS\n`,
    );
  }
  return weightsAt(path, file, seed);
}
