// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AllocationTracker } from '../memory/measure/allocationTracker';
import { Detector } from '../model/detector';
import type { ForwardContext } from '../model/layers/layer';
import { type BackendInfo, initBackend } from '../tensor/backend';
import { clippingScale, globalNorm } from './gradients';
import { Optimizer } from './optimizer';
import type { OptimizerSpec } from './optimizerSpec';
import { accumulateGradients } from './step';
import { streamedUpdate } from './streamedUpdate';

let backend: BackendInfo;
before(async () => {
  backend = await initBackend();
});

interface Case {
  optimizer: OptimizerSpec;
  clipNorm: number | null;
  recompute: boolean;
}

/** Two updates of a small network: its numbers afterwards, the norms, and most bytes of tensors within an update. */
async function train({ optimizer: spec, clipNorm, recompute }: Case, streamed: boolean) {
  const held = tf.memory().numTensors;
  const tracker = new AllocationTracker().start();
  const detector = new Detector({
    ...{ backbone: 'baseline', head: 'fullyConnected', inputSize: 64, gridSize: 1, predictors: 1 },
    ...{ classes: ['a', 'b'], headConvolutions: [256], headWidth: 512 },
  });
  detector.initialise(1);
  detector.backbone.recompute = recompute;
  const parameters = detector.parameters();
  const optimizer = new Optimizer(spec, [{ parameters, learningRate: 1e-3 }]);
  optimizer.prepare();
  const images = tf.randomNormal<tf.Rank.R4>([3, 64, 64, 3], 0, 1, 'float32', 5);
  const standing = tracker.bytes;
  tracker.forgetPeak();
  const context: ForwardContext = { training: true, pictureSeeds: [1, 2, 3] };
  const lossIn = (entries: Partial<ForwardContext>) => {
    const total = detector
      .forward(images, { ...context, ...entries })
      .sub(1)
      .square()
      .sum() as tf.Scalar;
    return { total, parts: { all: total } };
  };
  const norms: number[] = [];
  for (let step = 0; step < 2; step++) {
    if (streamed) {
      const told = await streamedUpdate({
        ...{ optimizer, factor: 0.5, clipNorm, computeLoss: lossIn },
        check: ({ total, parts }) => assert.ok(total > 0 && parts.all === total),
      });
      norms.push(told.gradientNorm);
      continue;
    }
    const { gradients } = await accumulateGradients([() => lossIn({})], parameters);
    norms.push(await globalNorm([...gradients.values()]));
    optimizer.apply(gradients, 0.5, clippingScale(norms[step], clipNorm));
    tf.dispose([...gradients.values()]);
  }
  const peak = tracker.peak - standing;
  const numbers = [...parameters, ...detector.statistics()].map(
    ({ name, variable }): [string, Float32Array] => [name, variable.dataSync().slice() as Float32Array],
  );
  tracker.stop();
  images.dispose();
  optimizer.dispose();
  detector.dispose();
  assert.equal(tf.memory().numTensors, held);
  return { norms, peak, numbers: new Map(numbers) };
}

const CASES: Record<string, Case> = {
  'SGD, clipped': { optimizer: { kind: 'sgd', weightDecay: 0.01 }, clipNorm: 1, recompute: false },
  'Adam, not clipped': { optimizer: { kind: 'adam', weightDecay: 0.01 }, clipNorm: null, recompute: false },
  'AdamW, clipped, layers run again': {
    optimizer: { kind: 'adamw', weightDecay: 0.05 },
    clipNorm: 1,
    recompute: true,
  },
};

for (const [name, of] of Object.entries(CASES)) {
  test(`${name}: gradients applied as they come give the same network, natively in less memory`, async () => {
    const plain = await train(of, false);
    const streamed = await train(of, true);
    streamed.norms.forEach((norm, step) => {
      assert.ok(Math.abs(norm / plain.norms[step] - 1) < 1e-4, `${norm}, ${plain.norms[step]}`);
    });
    if (of.clipNorm !== null) assert.ok(plain.norms[0] > of.clipNorm);
    for (const [parameter, numbers] of plain.numbers) {
      const others = streamed.numbers.get(parameter)!;
      const worst = numbers.reduce((most, value, i) => Math.max(most, Math.abs(value - others[i])), 0);
      // Adam's first steps divide by the gradient's own size: where that is nearly 0, rounding decides.
      const allowed = of.optimizer.kind === 'sgd' ? 1e-6 : 2e-4;
      assert.ok(worst < allowed, `${parameter}: ${worst}`);
    }
    // Elsewhere an update makes copies, while activations are still there.
    if (backend.name === 'tensorflow') {
      assert.ok(streamed.peak < 0.75 * plain.peak, `${streamed.peak} of ${plain.peak}`);
    }
  });
}

test('a loss that a parameter has no part in is an error that names it, and leaves nothing behind', async () => {
  const variable = tf.tidy(() => tf.variable(tf.ones([2])));
  const optimizer = new Optimizer({ kind: 'sgd' }, [
    { parameters: [{ name: 'w', kind: 'weight', layout: 'vector', variable }], learningRate: 1 },
  ]);
  const held = tf.memory().numTensors;
  await assert.rejects(
    streamedUpdate({
      ...{ optimizer, factor: 1, clipNorm: 1, check: () => {} },
      computeLoss: ({ reading }) => ({ total: reading!.trigger.mul(2) as tf.Scalar, parts: {} }),
    }),
    /the loss does not depend on w/,
  );
  assert.equal(tf.memory().numTensors, held);
  tf.dispose(variable);
});
