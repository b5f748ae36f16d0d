import * as tf from '@tensorflow/tfjs';

/**
 * Sums of rows that share a segment: `result[s] = sum of x[i] where ids[i] = s`. The gradient of `gather`, which the
 * wasm backend lacks.
 *
 * @param x - Values, `[n, ...row]`.
 * @param ids - Segment of each row, `[n]`; rows of segments outside 0 to `segments - 1` are left out.
 */
export function segmentSum(x: tf.Tensor, ids: tf.Tensor, segments: number): tf.Tensor {
  const [rows, ...row] = x.shape;
  const width = row.reduce((product, side) => product * side, 1);
  const values = x.dataSync();
  const segmentOf = ids.dataSync();
  const sums = x.dtype === 'int32' ? new Int32Array(segments * width) : new Float32Array(segments * width);
  for (let i = 0; i < rows; i++) {
    const segment = segmentOf[i];
    if (segment < 0 || segment >= segments) continue;
    for (let k = 0; k < width; k++) sums[segment * width + k] += values[i * width + k];
  }
  return tf.tensor(sums, [segments, ...row], x.dtype);
}
