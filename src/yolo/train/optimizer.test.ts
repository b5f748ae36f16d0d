// runs on all backends
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AllocationTracker } from '../memory/measure/allocationTracker';
import type { Parameter } from '../model/layers/layer';
import { initBackend } from '../tensor/backend';
import { changesInPlace } from '../tensor/ops/inPlace';
import { Optimizer } from './optimizer';
import type { OptimizerSpec } from './optimizerSpec';

before(async () => {
  await initBackend();
});

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/optimizers.json'), 'utf8')) as {
  gradients: [number[], number[]][];
  results: Record<string, { weight: number[]; bias: number[] }[]>;
};

function parameters(): { weight: Parameter; bias: Parameter } {
  return {
    weight: {
      name: 'w',
      kind: 'weight',
      layout: 'vector',
      variable: tf.tidy(() => tf.variable(tf.tensor1d([0.5, -1, 2]))),
    },
    bias: {
      name: 'b',
      kind: 'bias',
      layout: 'vector',
      variable: tf.tidy(() => tf.variable(tf.tensor1d([0.25]))),
    },
  };
}

function step(optimizer: Optimizer, [weight, bias]: [number[], number[]]): void {
  const gradients = new Map<string, tf.Tensor>([
    ['w', tf.tensor1d(weight)],
    ['b', tf.tensor1d(bias)],
  ]);
  optimizer.apply(gradients, 1);
  tf.dispose([...gradients.values()]);
}

const SPECS: Record<string, OptimizerSpec> = {
  sgd: { kind: 'sgd', weightDecay: 0.05 },
  nesterov: { kind: 'sgd', nesterov: true, weightDecay: 0.05 },
  adam: { kind: 'adam', weightDecay: 0.05 },
  adamw: { kind: 'adamw', weightDecay: 0.05 },
};

for (const [name, spec] of Object.entries(SPECS)) {
  test(`${name} takes PyTorch's steps, with decay on the weight and not on the bias`, async () => {
    const before = tf.memory().numTensors;
    const { weight, bias } = parameters();
    const optimizer = new Optimizer(spec, [{ parameters: [weight, bias], learningRate: 0.1 }]);
    for (const [index, gradients] of fixture.gradients.entries()) {
      step(optimizer, gradients);
      const expected = fixture.results[name][index];
      for (const [actual, wanted] of [
        [await weight.variable.data(), expected.weight],
        [await bias.variable.data(), expected.bias],
      ] as const) {
        wanted.forEach((value, i) => {
          assert.ok(Math.abs(actual[i] - value) < 2e-6, `step ${index}: ${actual[i]} against ${value}`);
        });
      }
    }
    optimizer.dispose();
    tf.dispose([weight.variable, bias.variable]);
    assert.equal(tf.memory().numTensors, before);
  });
}

test('an unknown rule or option and constants out of range are refused by name', () => {
  const refused = (spec: object, message: RegExp) =>
    assert.throws(() => new Optimizer(spec as OptimizerSpec, []), { name: 'UserError', message });
  refused({ kind: 'rmsprop' }, /^optimizer: kind is 'rmsprop', expected one of sgd, adam, adamw$/);
  refused({ kind: 'adam', momentum: 0.9 }, /^optimizer adam: unknown option 'momentum', did you mean/);
  refused(
    { kind: 'adam', weightDecay: Number.NaN },
    /^optimizer: weightDecay is NaN, expected a number, 0 or more$/,
  );
  refused({ kind: 'sgd', momentum: 1 }, /^optimizer: momentum is 1, expected a number, 0 to/);
  refused({ kind: 'adamw', beta2: '.9' }, /^optimizer: beta2 is '\.9', expected a number/);
  // 1 in float32, which Adam would divide by 0 for.
  refused({ kind: 'adam', beta1: 1 - 1e-8 }, /^optimizer: beta1 is 0\.99999999, expected a number, 0 to/);
});

test('a gradient is clipped however long it is', async () => {
  const { weight, bias } = parameters();
  tf.dispose(bias.variable);
  const optimizer = new Optimizer({ kind: 'sgd' }, [{ parameters: [weight], learningRate: 0.1 }]);
  const gradient = tf.tensor1d([3e12, 0, -4e12]);
  optimizer.apply(new Map([['w', gradient]]), 1, 10 / 5e12);
  const moved = await weight.variable.data();
  [0.5 - 0.6, -1, 2 + 0.8].forEach((value, place) => {
    assert.ok(Math.abs(moved[place] - value) < 1e-5, `${moved[place]} against ${value}`);
  });
  optimizer.dispose();
  tf.dispose([gradient, weight.variable]);
});

test('a gradient of another shape is refused by its name', () => {
  const { weight, bias } = parameters();
  const optimizer = new Optimizer({ kind: 'adam' }, [{ parameters: [weight, bias], learningRate: 0.1 }]);
  assert.throws(
    () => step(optimizer, [[1, 2], [3]]),
    /^Error: gradients: w has shape \[2\], expected its parameter's, \[3\]$/,
  );
  optimizer.dispose();
  tf.dispose([weight.variable, bias.variable]);
});

test('restored moments go on as if never interrupted, whatever the order of the parameters', async () => {
  const [whole, resumed] = [parameters(), parameters()];
  const first = new Optimizer({ kind: 'adam' }, [
    { parameters: [whole.weight, whole.bias], learningRate: 0.1 },
  ]);
  step(first, fixture.gradients[0]);
  for (const name of ['weight', 'bias'] as const) {
    resumed[name].variable.assign(tf.tidy(() => whole[name].variable.clone()));
  }
  const second = new Optimizer({ kind: 'adam' }, [
    { parameters: [resumed.bias, resumed.weight], learningRate: 0.1 },
  ]);
  second.prepare();
  assert.deepEqual([...second.slots().keys()].sort(), [...first.slots().keys()].sort());
  for (const [name, moment] of first.slots()) {
    second
      .slots()
      .get(name)!
      .assign(tf.tidy(() => moment.clone()));
  }
  second.steps = first.steps;
  step(first, fixture.gradients[1]);
  step(second, fixture.gradients[1]);
  for (const name of ['weight', 'bias'] as const) {
    assert.deepEqual(await resumed[name].variable.data(), await whole[name].variable.data());
  }
});

test('a parameter and moments that others change between updates are taken as they are then', async () => {
  for (const kind of ['adam', 'adamw'] as const) {
    const [changed, fresh] = [parameters(), parameters()];
    const optimizers = [changed, fresh].map(
      ({ weight, bias }) => new Optimizer({ kind }, [{ parameters: [weight, bias], learningRate: 0.1 }]),
    );
    step(optimizers[0], fixture.gradients[0]);
    const start = parameters();
    for (const name of ['weight', 'bias'] as const) {
      changed[name].variable.assign(tf.tidy(() => start[name].variable.clone()));
    }
    for (const moment of optimizers[0].slots().values()) moment.assign(tf.tidy(() => tf.zerosLike(moment)));
    optimizers[0].steps = 0;
    for (const optimizer of optimizers) step(optimizer, fixture.gradients[1]);
    for (const name of ['weight', 'bias'] as const) {
      assert.deepEqual(await changed[name].variable.data(), await fresh[name].variable.data());
    }
    for (const optimizer of optimizers) optimizer.dispose();
    for (const { weight, bias } of [changed, fresh, start]) tf.dispose([weight.variable, bias.variable]);
  }
});

test('a parameter in two groups and a missing gradient are refused by name', () => {
  const { weight, bias } = parameters();
  assert.throws(
    () =>
      new Optimizer({ kind: 'sgd' }, [
        { parameters: [weight], learningRate: 1 },
        { parameters: [bias, weight], learningRate: 2 },
      ]),
    /parameter w stands in two groups/,
  );
  const optimizer = new Optimizer({ kind: 'sgd' }, [{ parameters: [weight], learningRate: 1 }]);
  assert.throws(() => optimizer.apply(new Map(), 1), /none given for w/);
});

for (const [name, spec] of Object.entries(SPECS)) {
  test(`an update with ${name} is made in place, or takes no more than four temporary tensors of the parameter's size`, () => {
    const size = 10_000;
    const tracker = new AllocationTracker().start();
    const variable = tf.tidy(() => tf.variable(tf.ones([size])));
    const optimizer = new Optimizer(spec, [
      { parameters: [{ name: 'w', kind: 'weight', layout: 'vector', variable }], learningRate: 0.01 },
    ]);
    optimizer.prepare();
    const gradients = new Map([['w', tf.ones([size])]]);
    const held = tracker.bytes;
    tracker.forgetPeak();
    optimizer.apply(gradients, 1);
    const temporaries = (tracker.peak - held) / (4 * size);
    tracker.stop();
    tf.dispose([variable, ...gradients.values()]);
    optimizer.dispose();
    // A few scalars come on top.
    assert.ok(temporaries < (changesInPlace() ? 0.01 : 4.01), `${temporaries}`);
  });
}
