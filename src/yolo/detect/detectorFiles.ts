import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { checkArguments, PATH } from '../core/arguments';
import { explaining, messageOf, UserError } from '../core/errors';
import { faultsIn, fields, numberFrom, oneOf } from '../core/form';
import { hashOf } from '../core/hashOf';
import { readWholeFile, writeWholeFile } from '../core/wholeFile';
import { BOX_CODINGS, type PredictionCoding } from '../grid/coding';
import type { DetectorSpec } from '../model/detectorSpec';
import { SPEC_FORM } from '../model/specForm';
import { readSafetensors } from '../model/weights/safetensors';

/** Form of detector.json. */
const FORMAT = 1;
/** Says what a stored network is; the content is a {@link SpecFile}. */
export const SPEC_FILE = 'detector.json';
/** Holds the network's weights, beside it. */
export const WEIGHTS_FILE = 'weights.safetensors';

/**
 * Below this score a detection is rarely worth showing to a person, where no held-out pictures say better; evaluation
 * keeps far lower ones.
 */
export const SHOWN_SCORE = 0.25;

/** What a stored network is, and how it is used. */
export interface StoredDetector {
  /** Description of the network. */
  spec: DetectorSpec;
  /** How its outputs are to be read. */
  coding: PredictionCoding;
  /** Score above which a detection is shown. Default .25. */
  scoreCut?: number;
}

/** Content of detector.json. */
export interface SpecFile extends StoredDetector {
  format: number;
  /** SHA-256 of the weights file; older folders have none. */
  weights?: string;
  /** Hash of all other fields. */
  hash?: string;
}

/** A stored network's two files. */
export interface DetectorFiles {
  /** Content of detector.json. */
  readonly about: StoredDetector;
  /** Content of weights.safetensors. */
  readonly weights: Uint8Array;
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
 * Content of a detector.json.
 *
 * @param path - Of the file, for messages.
 * @throws {@link UserError} if it is damaged or of another format.
 */
export function parseSpec(text: string, path: string): SpecFile {
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
    return value!;
  } catch (error) {
    throw damaged(path, error);
  }
}

/** The error for a detector.json that describes no network. */
export function damaged(path: string, error: unknown): UserError {
  return new UserError(`${path}: damaged (${messageOf(error)}); train the run again`);
}

/** Content of a folder's detector.json. @throws {@link UserError} if it can't be read. */
export async function readSpec(folder: string): Promise<string> {
  const path = join(folder, SPEC_FILE);
  return explaining(`${path}: cannot read detector`, 'train the run again', () => readFile(path, 'utf8'));
}

/**
 * Both files of the detector in a folder, such as the one that comes with the package. Nothing is computed with them.
 *
 * @param folder - What `saveDetector` wrote, such as a run's folder.
 * @returns Undefined for a folder without a detector.json.
 * @throws UserError if they are damaged or don't belong together.
 */
export async function findDetectorFiles(folder: string): Promise<DetectorFiles | undefined> {
  checkArguments('findDetectorFiles', { folder }, { folder: PATH });
  const path = join(folder, SPEC_FILE);
  if (!existsSync(path)) return undefined;
  const about = parseSpec(await readSpec(folder), path);
  return { about, weights: await readWeights(folder, about.weights) };
}

/**
 * Content of a folder's weights file. Whole files of another run, or with a bit that flipped, would detect something as
 * well.
 *
 * @param expected - SHA-256 that it has to have; older folders don't tell.
 * @throws {@link UserError} if it has another, or can't be read.
 */
export async function readWeights(folder: string, expected: string | undefined): Promise<Uint8Array> {
  const path = join(folder, WEIGHTS_FILE);
  const read = () => readWholeFile(path);
  const bytes = await explaining(`${path}: cannot read weights file`, 'check disk and permission', read);
  if (expected !== undefined && createHash('sha256').update(bytes).digest('hex') !== expected) {
    // Says more, where the file is no whole one of its kind.
    await readSafetensors(path);
    throw new UserError(
      `${path}: is not the file that belongs to ${SPEC_FILE} beside it; it is damaged or another run's, train the run again`,
    );
  }
  return bytes;
}
