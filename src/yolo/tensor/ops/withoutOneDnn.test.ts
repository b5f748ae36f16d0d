import { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../backend';
import './ops.test';

// The same proofs by TensorFlow's own kernels, as on a GPU or a build without oneDNN.
before(async () => {
  await initBackend();
  Object.assign(tf.backend(), { isUsingGpuDevice: true });
});
