import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AllocationTracker } from '../../memory/measure/allocationTracker';
import { Detector } from '../../model/detector';
import { initBackend } from '../backend';
import { keepingHalfBits, keepsHalfBits, packed, unpacked } from './halfBits';

before(async () => {
  await initBackend();
});

test('16 bits take half the bytes, and come back with 11 significant bits', (context) => {
  if (!keepsHalfBits()) return context.skip('needs the native backend');
  const held = tf.memory().numTensors;
  const x = tf.randomNormal([3, 5], 0, 100, 'float32', 1);
  const kept = packed(x);
  assert.deepEqual([kept.size, kept.dtype], [8, 'int32']);
  const back = unpacked(kept);
  assert.deepEqual(back.shape, x.shape);
  const [given, rounded] = [x.dataSync(), back.dataSync()];
  given.forEach((value, i) => {
    assert.ok(Math.abs(rounded[i] / value - 1) < 2 ** -11);
  });
  tf.dispose([x, kept, back]);
  assert.equal(tf.memory().numTensors, held);
});

for (const batchNorm of ['batch', 'constant'] as const) {
  for (const recompute of [false, true]) {
    test(`ResNet18, BatchNorm ${batchNorm}${recompute ? ', layers run again' : ''}: gradients are those of full precision to 1 %`, (context) => {
      if (!keepsHalfBits()) return context.skip('needs the native backend');
      const detector = new Detector({
        ...{ backbone: 'resnet18', head: 'convolutional', inputSize: 96, gridSize: 3, predictors: 1 },
        ...{ classes: ['a', 'b'], headWidth: 32 },
      });
      detector.initialise(3);
      detector.setBatchNormMode(
        'backbone',
        batchNorm === 'batch' ? 'batch' : 'frozen',
        batchNorm === 'batch',
      );
      detector.backbone.recompute = recompute;
      const images = tf.randomNormal<tf.Rank.R4>([4, 96, 96, 3], 0, 1, 'float32', 5);
      const parameters = detector.parameters().filter(({ kind }) => batchNorm === 'batch' || kind !== 'norm');
      const pass = (half: boolean) => {
        const held = tf.memory().numTensors;
        const tracker = new AllocationTracker().start();
        tracker.adopt(detector.parameters().map(({ variable }) => variable));
        const standing = tracker.bytes;
        let kept = 0;
        const forward = () => detector.forward(images, { training: true, pictureSeeds: [1, 2, 3, 4] });
        const { value, grads } = tf.variableGrads(
          () => {
            const y = half ? keepingHalfBits(forward) : forward();
            kept = tracker.bytes - standing;
            return y.sub(1).square().mean() as tf.Scalar;
          },
          parameters.map(({ variable }) => variable),
        );
        tracker.stop();
        const gradients = parameters.map(({ variable }) => grads[variable.name].dataSync() as Float32Array);
        tf.dispose([value, ...Object.values(grads)]);
        assert.equal(tf.memory().numTensors, held);
        return { kept, gradients };
      };
      const full = pass(false);
      const half = pass(true);
      let [error, all] = [0, 0];
      full.gradients.forEach((gradient, i) => {
        gradient.forEach((value, place) => {
          error += (value - half.gradients[i][place]) ** 2;
          all += value ** 2;
        });
      });
      assert.ok(Math.sqrt(error / all) < 0.01, `${Math.sqrt(error / all)}`);
      assert.ok(half.kept < 0.62 * full.kept, `${half.kept} of ${full.kept}`);
      images.dispose();
      detector.dispose();
    });
  }
}
