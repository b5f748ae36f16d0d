import * as v from 'valibot';
import { checkArguments, listOf } from '../core/arguments';
import { numberFrom } from '../core/form';
import { toInput } from '../data/input/toInput';
import { type Picture, readPicture } from '../data/picture/picture';
import { codingOf, type PredictionCoding } from '../grid/coding';
import { Detector } from '../model/detector';
import { type DetectOptions, detectInputs, type NamedDetection } from './detectInputs';
import { SHOWN_SCORE } from './detectorFiles';
import { type InputBatch, inputBatches } from './inputBatches';

const ARGUMENTS = { detector: v.instance(Detector, 'a Detector'), scoreCut: numberFrom(0) };
const PICTURES = listOf('a list of pictures');

/**
 * A network with trained weights, ready to look at pictures. Its owner calls {@link TrainedDetector.dispose}.
 *
 * ```ts
 * const detector = await loadDetector('runs/my-run');
 * const found = await detector.detect('street.jpg');
 * ```
 */
export class TrainedDetector {
  /**
   * @param detector - Initialised and loaded; it is folded for inference and belongs to this object from now on.
   * @param coding - How its outputs are to be read: `loss.description.coding` of the loss that it was trained on.
   * @param scoreCut - Score above which a detection is worth showing, the default threshold of `detect`; a run with
   * held-out pictures chose it on them. Default .25.
   * @throws UserError for anything but a detector, a coding and a number from 0.
   */
  constructor(
    readonly detector: Detector,
    readonly coding: PredictionCoding,
    readonly scoreCut = SHOWN_SCORE,
  ) {
    checkArguments('TrainedDetector', { detector, scoreCut }, ARGUMENTS);
    codingOf(coding);
    detector.fold();
  }

  /** Class names in index order. */
  get classes(): readonly string[] {
    return this.detector.spec.classes;
  }

  /**
   * What is in a picture.
   *
   * @param picture - Path of a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF, such a file's content, or a decoded picture. A
   * file's EXIF orientation is followed.
   * @param options - Which boxes are taken. Default: as {@link DetectOptions} says.
   * @returns Detections by descending score, boxes in pixels of the picture as it is seen upright.
   * @throws UserError if the picture is missing, damaged or of another format.
   */
  async detect(picture: string | Buffer | Picture, options: DetectOptions = {}): Promise<NamedDetection[]> {
    return (await this.detectAll([picture], options))[0];
  }

  /**
   * What is in each of several pictures, in batches of 8; the next batch is decoded while one is computed.
   *
   * @param pictures - Each as for {@link TrainedDetector.detect}.
   * @param options - As for {@link TrainedDetector.detect}.
   * @returns For each picture, in their order, its detections as {@link TrainedDetector.detect} gives them.
   * @throws UserError for the first picture that can't be read; one given by content is called by its place.
   */
  async detectAll(
    pictures: readonly (string | Buffer | Picture)[],
    options: DetectOptions = {},
  ): Promise<NamedDetection[][]> {
    checkArguments('detectAll', { pictures }, { pictures: PICTURES });
    const results: NamedDetection[][] = [];
    const load = async (source: string | Buffer | Picture, index: number) => {
      const name = typeof source === 'string' ? source : `picture ${index + 1} of ${pictures.length}`;
      const picture = 'data' in Object(source) ? (source as Picture) : await decode(source, name);
      const { width, height } = picture;
      const size = { width, height, key: name };
      return { pixels: toInput(picture, this.detector.spec.inputSize), picture: size };
    };
    for await (const batch of inputBatches(pictures, load))
      results.push(...(await this.detectInputs(batch, options)));
    return results;
  }

  /**
   * What is in pictures that are decoded, resized and normalised already.
   *
   * @param batch - The inputs and the sizes of their pictures.
   * @param options - As for {@link TrainedDetector.detect}.
   * @returns For each picture its detections by descending score, boxes in pixels of the size that is given with it.
   */
  detectInputs(batch: InputBatch, options: DetectOptions = {}): Promise<NamedDetection[][]> {
    return detectInputs(this.detector, this.coding, batch, { scoreThreshold: this.scoreCut, ...options });
  }

  /** Free the network. */
  dispose(): void {
    this.detector.dispose();
  }
}

function decode(source: string | Buffer | Picture, name: string): Promise<Picture> {
  return readPicture(source as string | Buffer, { orient: true }, name);
}
