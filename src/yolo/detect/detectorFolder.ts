import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { checkArguments, PATH } from '../core/arguments';
import { explaining, messageOf, UserError } from '../core/errors';
import { numberFrom } from '../core/form';
import { codingOf, type PredictionCoding } from '../grid/coding';
import { Detector } from '../model/detector';
import { assignWeights } from '../model/weights/assignWeights';
import { parseSafetensors } from '../model/weights/parseSafetensors';
import { saveWeights } from '../model/weights/weights';
import { initBackend } from '../tensor/backend';
import {
  type DetectorFiles,
  damaged,
  parseSpec,
  readSpec,
  readWeights,
  SPEC_FILE,
  WEIGHTS_FILE,
  writeSpec,
} from './detectorFiles';
import { shippedDetector } from './shippedDetector';
import { TrainedDetector } from './trainedDetector';

const SAVED = {
  folder: PATH,
  detector: v.instance(Detector, 'a Detector'),
  scoreCut: v.optional(numberFrom(0)),
};

/**
 * Write a network into a folder: what it is (detector.json) and its weights (weights.safetensors, PyTorch's layout).
 *
 * @param folder - Made if it isn't there; the two files are replaced.
 * @param detector - Stays the caller's.
 * @param coding - How its outputs are to be read: `loss.description.coding` of the loss that it was trained on.
 * @param scoreCut - Score above which a detection is worth showing to a person. Default: .25 when it is loaded.
 * @throws UserError if the folder can't be written, or for an argument of another kind.
 */
export async function saveDetector(
  folder: string,
  detector: Detector,
  coding: PredictionCoding,
  scoreCut?: number,
): Promise<void> {
  checkArguments('saveDetector', { folder, detector, scoreCut }, SAVED);
  const stored = { spec: detector.spec, coding: codingOf(coding), scoreCut };
  const writing = (work: () => Promise<unknown>) =>
    explaining(`${folder}: cannot write detector`, 'check space and permission', work);
  await writing(() => mkdir(folder, { recursive: true }));
  const weights = await saveWeights(join(folder, WEIGHTS_FILE), detector);
  await writing(() => writeSpec(folder, stored, weights));
}

/**
 * Read a network that {@link saveDetector} wrote, such as a run's folder. Starts the backend if that wasn't done yet.
 *
 * @param folder - Default: the detector that comes with the package.
 * @throws UserError if the folder holds none, or it is damaged.
 */
export async function loadDetector(folder = shippedDetector()): Promise<TrainedDetector> {
  checkArguments('loadDetector', { folder }, { folder: PATH });
  const path = join(folder, SPEC_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') {
      throw new UserError(`${path}: cannot read detector (${messageOf(error)}); check disk and permission`);
    }
    const found = existsSync(join(folder, 'record.json'))
      ? "; this is a run's record, without its weights"
      : '';
    throw new UserError(
      `${path}: no such file; expected the folder of a finished run, such as runs/NAME${found}`,
    );
  });
  await initBackend();
  const { detector, coding, scoreCut, weights } = build(text, path);
  try {
    const bytes = await readWeights(folder, weights);
    detector.initialise();
    const file = join(folder, WEIGHTS_FILE);
    assignWeights(parseSafetensors(bytes, file).tensors, file, detector);
  } catch (error) {
    detector.dispose();
    throw error;
  }
  return new TrainedDetector(detector, coding, scoreCut);
}

/** The network that a file describes, without its variables. */
function build(
  text: string,
  path: string,
): { detector: Detector; coding: PredictionCoding; scoreCut?: number; weights: string | undefined } {
  const { spec, coding, scoreCut, weights } = parseSpec(text, path);
  try {
    return { detector: new Detector(spec), coding: codingOf(coding), scoreCut, weights };
  } catch (error) {
    throw damaged(path, error);
  }
}

/**
 * Both files of a folder's network, which is sure to be the one that {@link saveDetector} wrote; older folders don't
 * tell.
 *
 * @throws UserError if it is not, or can't be read.
 */
export async function checkSavedDetector(folder: string): Promise<DetectorFiles> {
  const { detector, coding, scoreCut, weights } = build(await readSpec(folder), join(folder, SPEC_FILE));
  return { about: { spec: detector.spec, coding, scoreCut }, weights: await readWeights(folder, weights) };
}
