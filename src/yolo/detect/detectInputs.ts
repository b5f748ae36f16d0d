import * as tf from '@tensorflow/tfjs';
import type { PredictionCoding } from '../grid/coding';
import { decodeDetections, type PredictionArray } from '../grid/decode/decodeDetections';
import type { Detector } from '../model/detector';
import { takeData } from '../tensor/takeData';
import type { InputBatch } from './inputBatches';
import type { DetectOptions, NamedDetection } from './trainedDetector';

/**
 * What a network finds in inputs that are decoded, resized and normalised. Runs wherever tensors do, in a browser too.
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

/** What the network says of images, which stay the caller's. */
async function predict(detector: Detector, images: tf.Tensor4D): Promise<PredictionArray> {
  const outputs = detector.forward(images);
  return { shape: outputs.shape, data: await takeData(outputs) };
}
