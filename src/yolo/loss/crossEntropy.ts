import * as tf from '@tensorflow/tfjs';

/**
 * Binary cross-entropy of sigmoid(logits) against targets of 0..1, elementwise:
 * `-t log(sigmoid(z)) - (1 - t) log(1 - sigmoid(z)) = softplus(z) - t z`, finite for any finite logit.
 */
export function crossEntropyWithLogits(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.softplus(logits).sub(targets.mul(logits));
}
