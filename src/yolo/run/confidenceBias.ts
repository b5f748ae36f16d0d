import * as tf from '@tensorflow/tfjs';
import type { Detector } from '../model/detector';

/** Set the initial bias of every predictor's confidence in the head's last layer; the other biases become 0. */
export function setConfidenceBias(detector: Detector, value: number): void {
  const { predictors } = detector.spec;
  const bias = detector.head.parameters().find(({ name }) => name === 'head.output.bias')!.variable;
  const depth = predictors * 5 + detector.spec.classes.length;
  const values = Float32Array.from({ length: bias.size }, (_, index) => {
    const place = index % depth;
    return place < predictors * 5 && place % 5 === 4 ? value : 0;
  });
  tf.tidy(() => {
    bias.assign(tf.tensor1d(values));
  });
}
