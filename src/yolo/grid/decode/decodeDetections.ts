import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { COUNT, checkArguments, isObject, listOf, NUMBERS, record } from '../../core/arguments';
import { UserError } from '../../core/errors';
import { type BoxCodingName, codingOf, type PredictionCoding } from '../coding';
import type { Detection } from '../detection';
import { distanceLayout } from '../distanceLayout';
import { predictionLayout } from '../layout';
import { Candidates } from './candidates';
import { DistanceCandidates } from './distanceCandidates';
import { joinMirrored } from './mirrored';
import { nms } from './nms';

/** Predictions outside tensors, such as rows read from a file. */
export interface PredictionArray {
  /** `[N, S, S, 5B + C]`, or `[N, P, 4 + C]` of a detector without objectness. */
  readonly shape: readonly number[];
  /** The numbers in row-major order, as many as the shape says. */
  readonly data: Float32Array | Float64Array;
}

/** The picture that predictions were made of. */
export interface PictureSize {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Name for messages. Default: its number. */
  readonly key?: string;
}

/** Options of {@link decodeDetections}. */
export interface DecodeOptions {
  /** How the outputs are coded; `loss.description.coding` of the loss that the detector was trained on. */
  coding: BoxCodingName | PredictionCoding;
  /** Number of classes, C. */
  classes: number;
  /** The N pictures, for the size in pixels of the boxes. */
  pictures: readonly PictureSize[];
  /**
   * Predictions for the same pictures with left and right exchanged. Their boxes are mirrored back and join the others
   * before any is suppressed. Default: none.
   */
  mirrored?: PredictionArray;
  /** Detections need a higher score than this. Default .005: average precision takes the weakest into account. */
  scoreThreshold?: number;
  /**
   * `every`: each box is a candidate of every class, as the paper; `best`: of its most probable one. Default `every`.
   */
  candidates?: 'every' | 'best';
  /** Whether boxes suppress those of their class only, or of all classes. Default `perClass`. */
  suppression?: 'perClass' | 'agnostic';
  /** A box is suppressed if its IoU with a better one is larger than this, 0..1. Default .5. */
  iouThreshold?: number;
  /** Most detections a picture. Default: no limit. */
  limit?: number;
}

const ARGUMENTS = {
  predictions: v.custom((value) => {
    const { shape, data, dtype } = Object(value);
    return Array.isArray(shape) && (typeof dtype === 'string' || ArrayBuffer.isView(data));
  }, 'a tensor, or numbers with their shape'),
  options: record('an object with coding, classes and pictures', {
    classes: COUNT,
    pictures: listOf('a list of pictures', isObject),
    mirrored: v.optional(record('predictions', { data: NUMBERS })),
  }),
};

/**
 * Detections that predictions stand for. Scores are class probability times confidence (YOLOv1, equation 1), or class
 * probability alone without objectness; linear outputs below 0 count as 0, and those above 1 stay, so that a score may
 * exceed 1. Boxes are suppressed greedily, then clipped to the picture; boxes without area, as of negative linear
 * widths, are left out.
 *
 * @param predictions - `[N, S, S, 5B + C]`, or `[N, P, 4 + C]` of a detector without objectness; float32 where it is a
 * tensor, which stays the caller's. A tensor on WebGPU can't be read here: give its numbers.
 * @param options - How they are coded, of which pictures they are, and which boxes are taken.
 * @returns For each picture its detections by descending score.
 * @throws UserError naming the picture whose predictions are not finite, and for another shape or type, or another
 * number of pictures, one without a size, or an option out of range.
 */
export function decodeDetections(
  predictions: tf.Tensor3D | tf.Tensor4D | PredictionArray,
  options: DecodeOptions,
): Detection[][] {
  checkArguments('decodeDetections', { predictions, options }, ARGUMENTS);
  const { pictures, iouThreshold = 0.5, limit, suppression = 'perClass', mirrored } = options;
  checkOptions(options);
  const candidates = candidatesOf(predictions.shape, options);
  const mirrorCandidates = mirrored && candidatesOf(predictions.shape, options);
  const [pictureCount, ...perCell] = predictions.shape;
  if (pictures.length !== pictureCount) {
    throw new UserError(
      `decodeDetections: pictures has ${pictures.length} entries, expected one for each of the ${pictureCount} of predictions`,
    );
  }
  if ('dtype' in predictions && predictions.dtype !== 'float32') {
    throw new UserError(`decodeDetections: predictions is ${predictions.dtype}, expected float32`);
  }
  pictures.forEach(({ width, height }, n) => {
    if (width > 0 && width < Infinity && height > 0 && height < Infinity) return;
    throw new UserError(
      `decodeDetections: pictures[${n}] is ${width} x ${height}, expected the picture's size in pixels`,
    );
  });
  const data = 'data' in predictions && typeof predictions.data !== 'function' ? predictions.data : undefined;
  const values = data ?? (predictions as tf.Tensor).dataSync<'float32'>();
  const perPicture = perCell.reduce((product, side) => product * side, 1);
  if (values.length !== pictureCount * perPicture) {
    throw new UserError(
      `decodeDetections: predictions.data has ${values.length} numbers, expected ${pictureCount * perPicture} ` +
        `for shape [${predictions.shape}]`,
    );
  }
  if (mirrored && mirrored.data.length !== values.length) {
    throw new UserError(
      `decodeDetections: mirrored.data has ${mirrored.data.length} numbers, expected ${values.length} as predictions`,
    );
  }
  return pictures.map((picture, n) => {
    const collect = (into: Candidates | DistanceCandidates, all: Float32Array | Float64Array) => {
      const own = all.subarray(n * perPicture, (n + 1) * perPicture);
      checkFinite(own, picture.key ?? String(n));
      into.collect(own);
      return into;
    };
    const plain = collect(candidates, values);
    const { boxes, scores, classIndex } =
      mirrored && mirrorCandidates ? joinMirrored(plain, collect(mirrorCandidates, mirrored.data)) : plain;
    const kept = nms(boxes, scores, {
      iouThreshold,
      limit,
      classes: suppression === 'perClass' ? classIndex : undefined,
    });
    const detections: Detection[] = [];
    for (const i of kept) {
      const left = Math.max(boxes[4 * i], 0) * picture.width;
      const top = Math.max(boxes[4 * i + 1], 0) * picture.height;
      const right = Math.min(boxes[4 * i + 2], 1) * picture.width;
      const bottom = Math.min(boxes[4 * i + 3], 1) * picture.height;
      if (!(left < right && top < bottom)) continue;
      detections.push({ classIndex: classIndex[i], score: scores[i], box: { left, top, right, bottom } });
    }
    return detections;
  });
}

/** Room for the candidates of a picture, by the coding. @throws UserError for a shape that the coding can't have. */
function candidatesOf(shape: readonly number[], options: DecodeOptions): Candidates | DistanceCandidates {
  const { classes, scoreThreshold = 0.005 } = options;
  const coding = codingOf(options.coding);
  const chosen = { classes, scoreThreshold, every: options.candidates !== 'best' };
  return coding.box === 'distances'
    ? new DistanceCandidates(distanceLayout('decodeDetections', shape, classes), chosen)
    : new Candidates(predictionLayout('decodeDetections', shape, classes), { ...chosen, coding });
}

function checkOptions(options: DecodeOptions): void {
  const { scoreThreshold = 0, iouThreshold = 0, limit = 0 } = options;
  const fail = (name: keyof DecodeOptions, expected: string): never => {
    throw new UserError(`decodeDetections: ${name} is ${options[name]}, expected ${expected}`);
  };
  if (!(scoreThreshold >= 0)) fail('scoreThreshold', '0 or more');
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) fail('iouThreshold', '0 to 1');
  if (!(limit >= 0)) fail('limit', '0 or more');
  if (!['every', 'best', undefined].includes(options.candidates)) fail('candidates', 'every or best');
  if (!['perClass', 'agnostic', undefined].includes(options.suppression)) {
    fail('suppression', 'perClass or agnostic');
  }
}

function checkFinite(values: Float32Array | Float64Array, key: string): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  if (Number.isFinite(sum)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  throw new UserError(
    `predictions of picture '${key}': number ${at} is ${values[at]}, expected finite numbers: ` +
      'the detector has diverged, train again with a lower learning rate or with clipped gradients',
  );
}
