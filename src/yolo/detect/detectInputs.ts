import * as tf from '@tensorflow/tfjs';
import type { PredictionCoding } from '../grid/coding';
import { type DecodeOptions, decodeDetections, type PredictionArray } from '../grid/decode/decodeDetections';
import type { Detection } from '../grid/detection';
import type { Detector } from '../model/detector';
import { takeData } from '../tensor/takeData';
import type { InputBatch } from './inputBatches';

/** A detection with its class by name. */
export interface NamedDetection extends Detection {
  /** Name of the class. */
  name: string;
}

/**
 * How detections are chosen; the fields and their defaults are those of {@link DecodeOptions}, except that a
 * `TrainedDetector` takes its own score cut as the default of `scoreThreshold`.
 */
export type DetectOptions = Partial<
  Pick<DecodeOptions, 'scoreThreshold' | 'candidates' | 'suppression' | 'iouThreshold' | 'limit'>
> & {
  /**
   * Look at each picture mirrored as well and join what is found in both before boxes are suppressed, which finds a
   * little more in twice the time. Default false.
   */
  flip?: boolean;
};

/**
 * Detects in inputs that are decoded, resized and normalised. Runs wherever tensors do, in a browser too.
 *
 * @param coding - How the network's outputs are to be read.
 * @returns For each picture its detections by descending score.
 */
export async function detectInputs(
  detector: Detector,
  coding: PredictionCoding,
  { pixels, pictures }: InputBatch,
  { flip = false, ...options }: DetectOptions,
): Promise<NamedDetection[][]> {
  const { inputSize, classes } = detector.spec;
  const images = tf.tensor4d(pixels, [pictures.length, inputSize, inputSize, 3]);
  const exchanged = flip ? images.reverse<tf.Tensor4D>(2) : undefined;
  let predictions: PredictionArray;
  let mirrored: PredictionArray | undefined;
  try {
    predictions = await predict(detector, images);
    mirrored = exchanged && (await predict(detector, exchanged));
  } finally {
    tf.dispose([images, ...(exchanged ? [exchanged] : [])]);
  }
  const chosen = { ...options, coding, classes: classes.length, pictures, mirrored };
  return decodeDetections(predictions, chosen).map((list) =>
    list.map((detection) => ({ ...detection, name: classes[detection.classIndex] })),
  );
}

/** The network's outputs for images, which stay the caller's. */
async function predict(detector: Detector, images: tf.Tensor4D): Promise<PredictionArray> {
  const outputs = detector.forward(images);
  return { shape: outputs.shape, data: await takeData(outputs) };
}
