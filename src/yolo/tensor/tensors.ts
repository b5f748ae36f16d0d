/** TensorFlow.js as the library uses it, so that a notebook works with the same instance. */
export * as tf from '@tensorflow/tfjs';
