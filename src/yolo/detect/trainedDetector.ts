import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import writeFileAtomic from 'write-file-atomic';
import type { Detection } from '../box/detection';
import { normalise } from '../data/normalise';
import { type Picture, readPicture } from '../data/picture';
import { resample } from '../data/resample';
import { messageOf, UserError } from '../errors';
import { Detector, type DetectorSpec } from '../model/detector';
import { loadWeights, saveWeights } from '../model/weights';
import { codingOf, type PredictionCoding } from '../target/coding';
import { type DecodeOptions, decodeDetections } from '../target/decodeDetections';

/** A detection with its class by name. */
export interface NamedDetection extends Detection {
  name: string;
}

/** How detections are chosen; see {@link decodeDetections} for the fields. Here the score threshold's default is .25. */
export type DetectOptions = Partial<
  Pick<DecodeOptions, 'scoreThreshold' | 'candidates' | 'suppression' | 'iouThreshold' | 'limit'>
>;

/** Below this score a detection is rarely worth showing to a person; evaluation keeps far lower ones. */
const SHOWN_SCORE = 0.25;
/** Pictures a forward pass: more gain nothing on a processor and cost memory. */
const BATCH = 8;
/** Form of detector.json. */
const FORMAT = 1;
const SPEC_FILE = 'detector.json';
const WEIGHTS_FILE = 'weights.safetensors';

interface SpecFile {
  format: number;
  spec: DetectorSpec;
  coding: PredictionCoding;
}

/** A network with trained weights, ready to look at pictures. Its owner calls {@link TrainedDetector.dispose}. */
export class TrainedDetector {
  /** @param detector - Initialised and loaded; it is folded for inference and belongs to this object from now on. */
  constructor(
    readonly detector: Detector,
    readonly coding: PredictionCoding,
  ) {
    detector.fold();
  }

  /** Class names in index order. */
  get classes(): readonly string[] {
    return this.detector.spec.classes;
  }

  /**
   * What is in a picture.
   *
   * @param picture - Path of a JPEG or PNG, or such a file's content. An EXIF orientation is followed.
   * @returns Detections by descending score, boxes in the picture's own pixels.
   * @throws UserError if the picture is missing, damaged or of another format.
   */
  async detect(picture: string | Buffer, options: DetectOptions = {}): Promise<NamedDetection[]> {
    return (await this.detectAll([picture], options))[0];
  }

  /** The same for several pictures, in their order; they are decoded and computed in batches of 8. */
  async detectAll(
    pictures: readonly (string | Buffer)[],
    options: DetectOptions = {},
  ): Promise<NamedDetection[][]> {
    const results: NamedDetection[][] = [];
    for (let start = 0; start < pictures.length; start += BATCH) {
      const decoded = await Promise.all(
        pictures.slice(start, start + BATCH).map((picture) => readPicture(picture, { orient: true })),
      );
      results.push(...this.detectDecoded(decoded, options));
    }
    return results;
  }

  /** Free the network. */
  dispose(): void {
    this.detector.dispose();
  }

  private detectDecoded(pictures: readonly Picture[], options: DetectOptions): NamedDetection[][] {
    const { inputSize, classes } = this.detector.spec;
    const inputs = new Float32Array(pictures.length * inputSize ** 2 * 3);
    pictures.forEach((picture, index) => {
      const data = inputs.subarray(index * inputSize ** 2 * 3, (index + 1) * inputSize ** 2 * 3);
      const whole = { left: 0, top: 0 };
      resample(
        picture,
        { data, width: inputSize, height: inputSize },
        {
          window: { ...whole, right: picture.width, bottom: picture.height },
          place: { ...whole, right: inputSize, bottom: inputSize },
          flip: false,
        },
      );
    });
    const images = tf.tensor4d(normalise(inputs), [pictures.length, inputSize, inputSize, 3]);
    const predictions = this.detector.forward(images);
    images.dispose();
    try {
      return decodeDetections(predictions, {
        scoreThreshold: SHOWN_SCORE,
        ...options,
        coding: this.coding,
        classes: classes.length,
        pictures,
      }).map((list) => list.map((detection) => ({ ...detection, name: classes[detection.classIndex] })));
    } finally {
      predictions.dispose();
    }
  }
}

/**
 * Write a network into a folder: what it is (detector.json) and its weights (weights.safetensors, PyTorch's layout).
 *
 * @throws UserError if the folder can't be written.
 */
export async function saveDetector(
  folder: string,
  detector: Detector,
  coding: PredictionCoding,
): Promise<void> {
  const file: SpecFile = { format: FORMAT, spec: detector.spec, coding: codingOf(coding) };
  try {
    await mkdir(folder, { recursive: true });
    await saveWeights(join(folder, WEIGHTS_FILE), detector);
    await writeFileAtomic(join(folder, SPEC_FILE), `${JSON.stringify(file, null, 2)}\n`);
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    throw new UserError(`${folder}: cannot write detector (${messageOf(error)}); check space and permission`);
  }
}

/**
 * Read a network that {@link saveDetector} wrote, such as a run's folder.
 *
 * @throws UserError if the folder holds none, or it is damaged.
 */
export async function loadDetector(folder: string): Promise<TrainedDetector> {
  const path = join(folder, SPEC_FILE);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError(`${path}: no such file; expected the folder of a finished run, such as runs/NAME`);
  });
  let file: SpecFile;
  try {
    file = JSON.parse(text);
    if (file.format !== FORMAT) {
      throw new Error(`format ${file.format}, expected ${FORMAT}`);
    }
  } catch (error) {
    throw new UserError(`${path}: damaged (${messageOf(error)}); train the run again`);
  }
  const detector = new Detector(file.spec);
  detector.initialise(0);
  try {
    await loadWeights(join(folder, WEIGHTS_FILE), detector);
  } catch (error) {
    detector.dispose();
    throw error;
  }
  return new TrainedDetector(detector, file.coding);
}
