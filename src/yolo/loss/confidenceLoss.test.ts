// runs on both backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { encodeGrid } from '../grid/gridTarget';
import { initBackend } from '../tensor/backend';
import type { ConfidenceLoss } from './confidenceLoss';
import { priorBias } from './priorBias';
import { type YoloLossOptions, yoloLoss } from './yoloLoss';

const GRID = 2;
const EMPTY = encodeGrid([[]], { gridSize: GRID, classes: 1 });
const ONE_OBJECT = encodeGrid(
  [[{ classIndex: 0, box: { left: 0.05, top: 0.05, right: 0.45, bottom: 0.45 } }]],
  {
    gridSize: GRID,
    classes: 1,
  },
);

/** Loss parts and the gradient by each cell's confidence output; one predictor, one class, four cells. */
function evaluate(outputs: number[], options: YoloLossOptions, target = EMPTY) {
  const before = tf.memory().numTensors;
  const loss = yoloLoss(options);
  const x = tf.tensor4d(
    outputs.flatMap((output) => [0.5, 0.5, 0.5, 0.5, output, 1]),
    [1, GRID, GRID, 6],
  );
  const { total, parts } = loss(x, target);
  const gradient = tf.grad((y: tf.Tensor) => loss(y as tf.Tensor4D, target).total)(x);
  const values = gradient.dataSync();
  const result = {
    noObject: parts.noObject.dataSync()[0],
    object: parts.object.dataSync()[0],
    slopes: outputs.map((_, cell) => values[6 * cell + 4]),
  };
  tf.dispose([x, total, Object.values(parts), gradient]);
  assert.equal(tf.memory().numTensors, before);
  return result;
}

function close(actual: number, expected: number, what: string, tolerance = 1e-5) {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1e-3, Math.abs(expected)),
    `${what}: ${actual}, expected ${expected}`,
  );
}

const OUTPUTS = [0.1, 0.5, Math.SQRT1_2, 0.9];
const LOGITS = [-6, -2, 0, 3];
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

describe('confidence of an empty cell, lambdaNoobj 1', () => {
  before(async () => {
    await initBackend();
  });

  it('squared error of a linear output has the slope 2C', () => {
    const { noObject, slopes } = evaluate(OUTPUTS, { lambdaNoobj: 1 });
    close(noObject, 0.01 + 0.25 + 0.5 + 0.81, 'loss');
    OUTPUTS.forEach((c, i) => {
      close(slopes[i], 2 * c, `C = ${c}`);
    });
  });

  it('focal squared error of a linear output is C^4 with the slope 4C^3 for gamma 2', () => {
    const { noObject, slopes } = evaluate(OUTPUTS, { lambdaNoobj: 1, confidenceLoss: { kind: 'focal' } });
    close(noObject, 0.0001 + 0.0625 + 0.25 + 0.6561, 'loss');
    OUTPUTS.forEach((c, i) => {
      close(slopes[i], 4 * c ** 3, `C = ${c}`);
    });
    // Against 2C: a fiftieth at C = .1, as much at C = sqrt(1/2).
    close(slopes[0] / 0.2, 0.02, 'ratio at .1');
    close(slopes[2] / Math.SQRT2, 1, 'ratio at .71');
  });

  it('focal squared error has the slope (2 + gamma) |C|^(1 + gamma) for any gamma, against the sign of C', () => {
    for (const gamma of [0, 0.5, 1, 3]) {
      const { slopes } = evaluate([0.3, -0.3, 0, 2], {
        lambdaNoobj: 1,
        confidenceLoss: { kind: 'focal', gamma },
      });
      const slope = (2 + gamma) * 0.3 ** (1 + gamma);
      close(slopes[0], slope, `gamma ${gamma}`);
      close(slopes[1], -slope, `gamma ${gamma}`);
      assert.equal(slopes[2] + 0, 0);
    }
  });

  it('through a gate the slopes by the logit are 2 C^2 (1 - C) and (2 + gamma) C^(2 + gamma) (1 - C)', () => {
    const gate = { lambdaNoobj: 1, confidence: 'sigmoid' } as const;
    const plain = evaluate(LOGITS, gate).slopes;
    const focal = evaluate(LOGITS, { ...gate, confidenceLoss: { kind: 'focal', gamma: 1.5 } }).slopes;
    LOGITS.forEach((z, i) => {
      const c = sigmoid(z);
      close(plain[i], 2 * c ** 2 * (1 - c), `plain at ${z}`, 1e-4);
      close(focal[i], 3.5 * c ** 3.5 * (1 - c), `focal at ${z}`, 1e-4);
    });
  });

  it('the product of sums has the slope 2p (M + P): the plain slope times what the batch holds', () => {
    // M = P = .01 + .25 + .5 + .81 = 1.57 where all cells are empty.
    const { noObject, slopes } = evaluate(OUTPUTS, {
      lambdaNoobj: 1,
      confidenceLoss: { kind: 'focalProduct' },
    });
    close(noObject, 1.57 ** 2, 'loss');
    OUTPUTS.forEach((p, i) => {
      close(slopes[i], 2 * p * (1.57 + 1.57), `p = ${p}`);
    });
  });

  it('in the product of sums an object cell is in M but not in P, and is pulled by P', () => {
    const options = {
      lambdaNoobj: 1,
      noObject: 'emptyCells',
      confidenceTarget: 'one',
      confidenceLoss: { kind: 'focalProduct' },
    } as const;
    const { noObject, slopes } = evaluate([0.2, 0.1, 0.1, 0.3], options, ONE_OBJECT);
    const p = 0.01 + 0.01 + 0.09;
    const m = 0.8 ** 2 + p;
    close(noObject, p * m, 'loss');
    // Its own squared error has the slope 2 (.2 - 1).
    close(slopes[0], 2 * (0.2 - 1) * (1 + p), 'object cell');
    close(slopes[1], 2 * 0.1 * (m + p), 'empty cell');
    close(slopes[3], 2 * 0.3 * (m + p), 'empty cell');
  });

  it("Lin et al.'s slope by the logit tends to (1 - alpha) (gamma + 1) p^(gamma + 1)", () => {
    for (const [gamma, alpha] of [
      [2, 0.25],
      [1, 0.5],
      [0, 0.25],
    ]) {
      const confidenceLoss: ConfidenceLoss = { kind: 'focalCrossEntropy', gamma, alpha };
      const { slopes } = evaluate([-7, -8, -9, -6], { confidenceLoss });
      [-7, -8, -9, -6].forEach((z, i) => {
        const p = sigmoid(z);
        const limit = (1 - alpha) * (gamma + 1) * p ** (gamma + 1);
        assert.ok(
          Math.abs(slopes[i] / limit - 1) < 2 * p + 1e-3,
          `gamma ${gamma}, z ${z}: ${slopes[i]}, ${limit}`,
        );
      });
    }
  });

  it("Lin et al.'s loss is cross-entropy weighted by alpha at gamma 0, and divided by the number of objects", () => {
    const confidenceLoss: ConfidenceLoss = { kind: 'focalCrossEntropy', gamma: 0, alpha: 0.25 };
    const { object, noObject } = evaluate([0, 0, 0, 0], { confidenceLoss }, ONE_OBJECT);
    close(object, 0.25 * Math.LN2, 'object');
    close(noObject, 0.75 * 3 * Math.LN2, 'no object');
    // .25 (1 - .5)^2 log 2 at gamma 2.
    const focal = evaluate([0, 0, 0, 0], { confidenceLoss: { kind: 'focalCrossEntropy' } }, ONE_OBJECT);
    close(focal.object, 0.25 * 0.25 * Math.LN2, 'object');
    close(focal.noObject, 0.75 * 0.25 * 3 * Math.LN2, 'no object');
  });

  it('stays finite at logits of 1000', () => {
    for (const target of [EMPTY, ONE_OBJECT]) {
      for (const gamma of [0, 0.5, 2]) {
        const result = evaluate(
          [1000, -1000, 100, -100],
          { confidenceLoss: { kind: 'focalCrossEntropy', gamma } },
          target,
        );
        assert.ok([result.object, result.noObject, ...result.slopes].every(Number.isFinite));
      }
    }
  });

  it('refuses exponents and weights out of range, and options of another kind', () => {
    const make = (confidenceLoss: object) => () =>
      yoloLoss({ confidenceLoss: confidenceLoss as ConfidenceLoss });
    assert.throws(
      make({ kind: 'focal', gamma: -1 }),
      /confidenceLoss\.gamma is -1, expected a number, 0 or more/,
    );
    assert.throws(make({ kind: 'focalProduct', gamma: 0.5 }), /gamma is 0\.5, expected a number, 1 or more/);
    assert.throws(make({ kind: 'focalCrossEntropy', alpha: 2 }), /alpha is 2, expected a number, 0 to 1/);
    assert.throws(make({ kind: 'focal', alpha: 0.5 }), /unknown option 'alpha', did you mean 'gamma'/);
    assert.throws(make({ kind: 'fokal' }), /confidenceLoss\.kind is 'fokal', expected one of squared, focal/);
  });
});

describe('priorBias', () => {
  it('is the logit of the prior', () => {
    assert.equal(priorBias(0.5), -0);
    close(priorBias(), -4.59511985, 'bias of .01');
    close(sigmoid(priorBias(0.2)), 0.2, 'back');
  });

  it('refuses what is no probability between 0 and 1', () => {
    assert.throws(() => priorBias(1), /priorBias: prior is 1, expected a number between 0 and 1/);
    assert.throws(() => priorBias(Number.NaN), /prior is NaN/);
  });
});
