import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { messageOf, UserError } from '../core/errors';
import { faultsIn, fields, numberFrom, oneOf } from '../core/form';
import { hashOf } from '../core/hashOf';
import { readWholeFile, writeWholeFile } from '../core/wholeFile';
import { BOX_CODINGS, codingOf, type PredictionCoding } from '../grid/coding';
import { Detector, type DetectorSpec } from '../model/detector';
import { SPEC_FORM } from '../model/specForm';
import { readSafetensors } from '../model/weights/safetensors';
import { loadWeights, saveWeights } from '../model/weights/weights';
import { initBackend } from '../tensor/backend';
import { shippedDetector } from './shippedDetector';
import { TrainedDetector } from './trainedDetector';

/** Form of detector.json. */
const FORMAT = 1;
/** What a network is; the file's form is {@link SpecFile}. */
export const SPEC_FILE = 'detector.json';
/** Its weights. */
export const WEIGHTS_FILE = 'weights.safetensors';

/** What a stored network is, and how it is used. */
export interface StoredDetector {
  spec: DetectorSpec;
  coding: PredictionCoding;
  /** From which score on detections are shown; without it, that is left to the default of `detect`. */
  scoreCut?: number;
}

/** Content of detector.json. */
interface SpecFile extends StoredDetector {
  format: number;
  /** SHA-256 of the weights file; older folders have none. */
  weights?: string;
  /** Hash of all other fields. */
  hash?: string;
}

const TEXT = v.optional(v.string('a text'));
const FORM = fields({
  format: v.number('a number'),
  spec: SPEC_FORM,
  coding: v.pipe(
    fields({
      box: oneOf([...Object.keys(BOX_CODINGS), 'distances']),
      confidence: v.optional(oneOf(['linear', 'sigmoid'])),
      classes: v.optional(oneOf(['linear', 'softmax', 'sigmoid'])),
    }),
    v.check(
      ({ box, confidence, classes }) =>
        box === 'distances' || (confidence !== undefined && classes !== undefined),
      'confidence and classes besides the box',
    ),
  ),
  scoreCut: v.optional(numberFrom(0)),
  weights: TEXT,
  hash: TEXT,
});

/**
 * Write a network into a folder: what it is (detector.json) and its weights (weights.safetensors, PyTorch's layout).
 *
 * @param coding - How its outputs are to be read: `loss.description.coding` of the loss that it was trained on.
 * @param scoreCut - From which score on its detections are worth showing to a person. Default: that of `detect`.
 * @throws {@link UserError} if the folder can't be written.
 */
export async function saveDetector(
  folder: string,
  detector: Detector,
  coding: PredictionCoding,
  scoreCut?: number,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const weights = await saveWeights(join(folder, WEIGHTS_FILE), detector);
    await writeSpec(folder, { spec: detector.spec, coding: codingOf(coding), scoreCut }, weights);
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    throw new UserError(`${folder}: cannot write detector (${messageOf(error)}); check space and permission`);
  }
}

/**
 * Write a folder's detector.json, beside its weights.
 *
 * @param weights - SHA-256 of the weights file.
 * @throws The system's error.
 */
export async function writeSpec(
  folder: string,
  { spec, coding, scoreCut }: StoredDetector,
  weights: string,
): Promise<void> {
  const cut = scoreCut === undefined ? {} : { scoreCut };
  const file: SpecFile = { format: FORMAT, spec, coding, ...cut, weights };
  const text = JSON.stringify({ ...file, hash: hashOf(file) }, null, 2);
  await writeWholeFile(join(folder, SPEC_FILE), `${text}\n`);
}

/**
 * Read a network that {@link saveDetector} wrote, such as a run's folder. Starts the backend if that wasn't done yet.
 *
 * @param folder - Default: the detector that comes with the package.
 * @throws {@link UserError} if the folder holds none, or it is damaged.
 */
export async function loadDetector(folder = shippedDetector()): Promise<TrainedDetector> {
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
    await checkWeights(join(folder, WEIGHTS_FILE), weights);
    detector.initialise();
    await loadWeights(join(folder, WEIGHTS_FILE), detector);
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
  try {
    const value: SpecFile | null = JSON.parse(text);
    if (typeof value?.format === 'number' && value.format !== FORMAT) {
      throw new Error(`format ${value.format}, expected ${FORMAT}`);
    }
    const faults = faultsIn(FORM, value);
    if (faults.length > 0) throw new Error(faults.join('; '));
    const { hash, ...file } = value!;
    if (hash !== undefined && hash !== hashOf(file)) {
      throw new Error('it is not as it was written');
    }
    const { spec, scoreCut, weights } = file;
    return { detector: new Detector(spec), coding: codingOf(file.coding), scoreCut, weights };
  } catch (error) {
    throw new UserError(`${path}: damaged (${messageOf(error)}); train the run again`);
  }
}

/**
 * Make sure that a folder's network is the one that {@link saveDetector} wrote; older folders don't tell.
 *
 * @throws {@link UserError} if it is not, or can't be read.
 */
export async function checkSavedDetector(folder: string): Promise<StoredDetector> {
  const path = join(folder, SPEC_FILE);
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new UserError(`${path}: cannot read detector (${messageOf(error)}); train the run again`);
  });
  const { detector, coding, scoreCut, weights } = build(text, path);
  await checkWeights(join(folder, WEIGHTS_FILE), weights);
  return { spec: detector.spec, coding, scoreCut };
}

/** Whole files of another run, or with a bit that flipped, would detect something as well. */
async function checkWeights(path: string, expected: string | undefined): Promise<void> {
  if (expected === undefined) return;
  const bytes = await readWholeFile(path).catch((error) => {
    throw new UserError(`${path}: cannot read weights file (${messageOf(error)}); check disk and permission`);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== expected) {
    // Says more, where the file is no whole one of its kind.
    await readSafetensors(path);
    throw new UserError(
      `${path}: is not the file that belongs to ${SPEC_FILE} beside it; it is damaged or another run's, train the run again`,
    );
  }
}
