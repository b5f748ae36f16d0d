import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../tensor/backend';
import { hashedImages, makeDetector, NETWORKS } from './fixtures/networks';
import { runOnnx } from './fixtures/runOnnx';
import { onnxModel } from './onnx';
import { trace } from './trace';

/** What onnxruntime predicted; see fixtures/make_onnx.py. */
const { networks: expected } = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'onnx.json'), 'utf8')) as {
  networks: Record<string, { shape: number[]; values: number[] }>;
};

before(async () => {
  await initBackend();
});

for (const [name, spec] of Object.entries(NETWORKS)) {
  test(`${name}: the ONNX file computes what onnxruntime and the network do`, async () => {
    const detector = makeDetector(spec);
    const traced = await trace((images) => detector.forward(images), detector.inputShape);
    const images = hashedImages(2);
    const predictions = detector.forward(images);
    detector.dispose();
    const { shape, values } = expected[name];
    const ours = runOnnx(onnxModel(traced, {}), images.transpose([0, 3, 1, 2]));
    for (const found of [ours, predictions]) {
      assert.deepEqual(found.shape, shape);
      const wrong = found.sub(tf.tensor(values, shape)).abs().max().dataSync()[0];
      assert.ok(wrong < 1e-5 * Math.max(1, ...values.map(Math.abs)), `differs by ${wrong}`);
    }
  });
}
