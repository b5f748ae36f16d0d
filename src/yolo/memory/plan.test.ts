import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../core/errors';
import { baselineBackbone } from '../model/baselineBackbone';
import { convolutionalHead, fullyConnectedHead } from '../model/heads';
import type { LayerRow } from '../model/layers/layer';
import { estimateMemory } from './estimate/estimate';
import type { NetworkShape } from './estimate/layerCosts';
import { type PlanOptions, planBatch } from './plan';

function network(inputSize: number, head = fullyConnectedHead({ gridSize: 7, depth: 30 })): NetworkShape {
  const inputShape = [inputSize, inputSize, 3];
  const backbone = baselineBackbone();
  const rows: LayerRow[] = [
    ...backbone.describe(inputShape),
    ...head.describe(backbone.outputShape(inputShape)),
  ];
  return { inputShape, describe: () => rows };
}

const light = network(448, convolutionalHead({ depth: 30 }));
const ORIGINAL: PlanOptions = {
  budget: 6e9,
  effectiveBatch: 16,
  optimizer: 'adam',
  trainable: 'all',
  batchNorm: 'constant',
};

test('a budget for everything takes the whole batch at once', () => {
  const plan = planBatch(light, { ...ORIGINAL, budget: 1e12 });
  assert.deepEqual([plan.microBatch, plan.accumulationSteps], [16, 1]);
  assert.deepEqual([plan.recompute, plan.slowdown], [false, 1]);
});

test('layers are run again where that keeps the batch together, and its cost in time is told', () => {
  const given = { ...ORIGINAL, batchNorm: 'batch' as const };
  const whole = planBatch(light, { ...given, budget: 1e12 }).estimate;
  const together = { ...given, budget: 0.92 * whole.total, accumulable: false };
  const plan = planBatch(light, together);
  assert.deepEqual([plan.microBatch, plan.recompute], [16, true]);
  assert.ok(plan.slowdown > 1.2 && plan.slowdown < 4 / 3);
  assert.ok(plan.estimate.total <= together.budget);
  assert.throws(() => planBatch(light, { ...together, recompute: false }), /but micro-batch 16 needs/);
  const cut = planBatch(light, { ...together, accumulable: true, recompute: false });
  assert.ok(cut.microBatch < 16 && cut.slowdown < plan.slowdown);
});

test('the micro-batch falls with the budget, the effective batch stays, and equal pieces are preferred', () => {
  const taken = new Map<number, number>();
  for (let budget = 7e9; budget > 1e9; budget -= 5e7) {
    try {
      const { microBatch, accumulationSteps } = planBatch(light, { ...ORIGINAL, budget });
      taken.set(microBatch, accumulationSteps);
    } catch (error) {
      assert.ok(error instanceof UserError);
    }
  }
  assert.deepEqual(
    [...taken.keys()],
    [...taken.keys()].sort((a, b) => b - a),
  );
  assert.deepEqual([taken.get(16), taken.get(8), taken.get(4)], [1, 2, 4]);
  assert.equal(taken.has(5), false);
});

const options = fc.record({
  effectiveBatch: fc.integer({ min: 1, max: 64 }),
  optimizer: fc.constantFrom('sgd' as const, 'adam' as const, 'adamw' as const),
  trainable: fc.constantFrom('head' as const, 'all' as const),
  batchNorm: fc.constantFrom('batch' as const, 'frozen' as const, 'constant' as const),
  averages: fc.boolean(),
  device: fc.constantFrom('cpu' as const, 'cuda' as const, 'wasm' as const),
});
const budget = fc.integer({ min: 5e8, max: 3e10 });
const networks = [light, network(224)];

function planned(of: NetworkShape, given: PlanOptions) {
  try {
    return planBatch(of, given);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return undefined;
  }
}

test('a plan covers the effective batch with no empty piece, and never exceeds its budget', () => {
  fc.assert(
    fc.property(options, budget, fc.constantFrom(...networks), (given, bytes, of) => {
      const plan = planned(of, { ...given, budget: bytes });
      if (!plan) return;
      const { microBatch, accumulationSteps, estimate } = plan;
      assert.ok(microBatch * accumulationSteps >= given.effectiveBatch);
      assert.ok(microBatch * (accumulationSteps - 1) < given.effectiveBatch);
      assert.ok(estimate.total <= bytes);
      assert.deepEqual([estimate.batch, estimate.accumulation], [microBatch, accumulationSteps]);
    }),
    { numRuns: 200 },
  );
});

test('a larger budget never gives a slower plan of the same statistics, nor a refusal where a smaller one gave a plan', () => {
  fc.assert(
    fc.property(options, budget, budget, fc.constantFrom(...networks), (given, one, other, of) => {
      const small = planned(of, { ...given, budget: Math.min(one, other) });
      const large = planned(of, { ...given, budget: Math.max(one, other) });
      if (!small) return;
      assert.ok(large !== undefined && large.warnings.length <= small.warnings.length);
      if (large.warnings.length === small.warnings.length) assert.ok(large.slowdown <= small.slowdown);
    }),
    { numRuns: 100 },
  );
});

test('a refusal means that no micro-batch fits', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 5e8, max: 4e9 }), (given, bytes) => {
      if (planned(light, { ...given, budget: bytes })) return;
      const { effectiveBatch } = given;
      for (const batch of [1, Math.ceil(effectiveBatch / 2), effectiveBatch]) {
        const accumulation = Math.ceil(effectiveBatch / batch);
        assert.ok(estimateMemory(light, { ...given, batch, accumulation }).total > bytes);
      }
    }),
    { numRuns: 60 },
  );
});

test('where nothing fits, the budget, the need and what to do are stated', () => {
  assert.throws(
    () => planBatch(light, { ...ORIGINAL, budget: 7e8 }),
    (error) =>
      error instanceof UserError &&
      /^budget is 700 MB, but micro-batch 1 needs [\d.]+ GB \(\d+ MB with the model loaded; most in the phase '\w+'\): freeze the backbone \(--trainable head\), take the optimizer sgd, take a smaller head or input, or give a budget of [\d.]+ GB$/.test(
        error.message,
      ),
  );
});

test('BatchNorm on the statistics of few pictures is warned of, by part', () => {
  const few = { ...ORIGINAL, batchNorm: 'batch' as const, effectiveBatch: 4 };
  assert.deepEqual(planBatch(light, few).warnings, [
    'BatchNorm of the backbone and head takes its statistics from 4 pictures, expected at least 8: freeze it, take GroupNorm, or give more memory',
  ]);
  assert.match(planBatch(light, { ...few, batchNorm: 'frozen' }).warnings[0], /^BatchNorm of the head takes/);
  assert.deepEqual(planBatch(light, { ...few, effectiveBatch: 16, budget: 1e12 }).warnings, []);
});

test("the paper's head of 249 M parameters fits 6 GB: parameters are updated as gradients come, the batch stays whole", () => {
  const paper = network(
    448,
    fullyConnectedHead({ gridSize: 7, depth: 30, units: 4096, convolutions: Array(4).fill(1024) }),
  );
  const given = { ...ORIGINAL, batchNorm: 'batch' as const };
  const plan = planBatch(paper, given);
  assert.deepEqual([plan.microBatch, plan.recompute, plan.streamed], [16, true, true]);
  assert.ok(plan.estimate.total <= 6e9 && plan.slowdown > 2);
  assert.ok(planBatch(paper, { ...given, clips: false }).slowdown < 4 / 3);
  assert.throws(() => planBatch(paper, { ...given, streamed: false }), /budget is 6.00 GB, but/);
});

test('a plan for a GPU warns that it was not measured; wasm gets no more than 4 GiB', () => {
  assert.match(planBatch(light, { ...ORIGINAL, device: 'cuda' }).warnings.join(), /an estimate only/);
  assert.ok(planBatch(light, { ...ORIGINAL, device: 'wasm', budget: 1e12 }).estimate.total <= 2 ** 32);
});

test('wrong arguments are named', () => {
  assert.throws(
    () => planBatch(light, { ...ORIGINAL, budget: 0 }),
    /planBatch: options\.budget is 0, expected bytes/,
  );
  assert.throws(
    () => planBatch(light, { ...ORIGINAL, effectiveBatch: 2.5 }),
    /planBatch: options\.effectiveBatch is 2.5, expected a whole number above 0/,
  );
  assert.throws(
    () => planBatch(light, { ...ORIGINAL, effectiveBatch: 1e30 }),
    /planBatch: options\.effectiveBatch is 1e\+30, expected/,
  );
});
