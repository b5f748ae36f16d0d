import * as tf from '@tensorflow/tfjs';
import type { Detector } from '../../model/detector';

/**
 * Set the initial bias of every predictor's confidence in the head's last layer; the other biases of that layer become
 * 0. Without objectness there is nothing to set.
 */
export function setConfidenceBias(detector: Detector, value: number): void {
  const { predictors, classes, head, objectness = true } = detector.spec;
  if (!objectness) return;
  const decoupled = head === 'decoupled';
  const name = decoupled ? 'head.box.output.bias' : 'head.output.bias';
  const bias = detector.head.parameters().find((parameter) => parameter.name === name)!.variable;
  const depth = predictors * 5 + (decoupled ? 0 : classes.length);
  const values = Float32Array.from({ length: bias.size }, (_, index) => {
    const place = index % depth;
    return place < predictors * 5 && place % 5 === 4 ? value : 0;
  });
  tf.tidy(() => {
    bias.assign(tf.tensor1d(values));
  });
}
