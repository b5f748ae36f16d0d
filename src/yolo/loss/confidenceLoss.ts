import * as tf from '@tensorflow/tfjs';
import { checkChoice, checkNumber, checkOptionNames } from './checkOptions';
import { crossEntropyWithLogits } from './crossEntropy';

/**
 * How the confidences of {@link yoloLoss} are compared with their targets. C is the confidence of a predictor, t its
 * target; sums over "object" go over responsible predictors, sums over "no object" over those of the option `noObject`.
 *
 * - `squared`: object (C - t)^2, no object lambdaNoobj C^2. YOLOv1's.
 * - `focal`: as `squared`, each no-object term times |C|^gamma: lambdaNoobj |C|^(2 + gamma). The original's formula.
 * - `focalProduct`: object as `squared`; no object lambdaNoobj (sum over no object of |C|^gamma) (sum over all cells of
 *   (C - t')^2) for each of the B predictors of a cell, where t' is 1 in cells with an object. What the original's code
 *   computed: a product of two sums over the batch, each of which scales the gradient of the other.
 * - `focalCrossEntropy`: object -alpha (1 - C)^gamma log C, no object -(1 - alpha) C^gamma log(1 - C), divided by the
 *   number of objects. Lin et al., 1708.02002. For confidences through a sigmoid; targets are 1 and 0, lambdaNoobj is
 *   not used. Start from a bias of {@link priorBias}.
 */
export type ConfidenceLoss =
  | { kind: 'squared' }
  | {
      /** The original's formula, or what its code computed. */
      kind: 'focal' | 'focalProduct';
      /** Exponent; 0 or more, 1 or more in `focalProduct`. Default 2. */
      gamma?: number;
    }
  | {
      /** The focal loss of Lin et al. */
      kind: 'focalCrossEntropy';
      /** Exponent, 0 or more. Default 2. */
      gamma?: number;
      /** Weight of objects, 0..1. Default .25. */
      alpha?: number;
    };

/** What a confidence loss is computed from; columns of shape [N * S * S * B, 1], predictors of a cell in turn. */
export interface ConfidenceTerms {
  /** Outputs before any gate. */
  logits: tf.Tensor;
  /** Confidences, C. */
  confidence: tf.Tensor;
  /** Targets of responsible predictors, t. */
  wanted: tf.Tensor;
  /** 1 for responsible predictors. */
  responsible: tf.Tensor;
  /** 1 for predictors that the no-object part covers. */
  noObject: tf.Tensor;
  /** 1 for predictors of cells with an object. */
  inObjectCell: tf.Tensor;
  /** Boxes a cell, B. */
  predictors: number;
}

/** Sums over the batch, neither weighted by lambdaNoobj nor divided. */
export interface ConfidenceSums {
  object: tf.Tensor;
  noObject: tf.Tensor;
}

/** Sums of a confidence loss over a batch; to be called inside a tidy. */
export function confidenceSums(loss: ConfidenceLoss, terms: ConfidenceTerms): ConfidenceSums {
  const { logits, confidence, wanted, responsible, noObject } = terms;
  if (loss.kind === 'focalCrossEntropy') {
    const { gamma = 2, alpha = 0.25 } = loss;
    return {
      object: focalCrossEntropy(logits, 1, gamma).mul(responsible).sum().mul(alpha),
      noObject: focalCrossEntropy(logits, 0, gamma)
        .mul(noObject)
        .sum()
        .mul(1 - alpha),
    };
  }
  const object = confidence.sub(wanted).square().mul(responsible).sum();
  if (loss.kind === 'squared') return { object, noObject: confidence.square().mul(noObject).sum() };
  const { gamma = 2 } = loss;
  if (loss.kind === 'focal') {
    // |C|^gamma C^2 as one power: its slope is finite at 0 for every gamma.
    return {
      object,
      noObject: confidence
        .abs()
        .pow(2 + gamma)
        .mul(noObject)
        .sum(),
    };
  }
  const byPredictor = (column: tf.Tensor) => column.reshape([-1, terms.predictors]).sum(0);
  const powers = byPredictor(confidence.abs().pow(gamma).mul(noObject));
  const errors = byPredictor(confidence.sub(terms.inObjectCell).square());
  return { object, noObject: powers.mul(errors).sum() };
}

/**
 * `-(1 - p_t)^gamma log p_t` of p = sigmoid(logits), elementwise, for the target 1 or 0. Finite for any finite logit.
 */
function focalCrossEntropy(logits: tf.Tensor, target: 0 | 1, gamma: number): tf.Tensor {
  // log(1 - p_t) is minus the cross-entropy of the opposite target.
  const logWrong = crossEntropyWithLogits(logits, tf.scalar(1 - target)).neg();
  return logWrong
    .mul(gamma)
    .exp()
    .mul(crossEntropyWithLogits(logits, tf.scalar(target)));
}

/** @throws {@link UserError} for an unknown kind or option, or a gamma or alpha out of range. */
export function checkConfidenceLoss(loss: string, given: ConfidenceLoss): void {
  const kinds = ['squared', 'focal', 'focalProduct', 'focalCrossEntropy'];
  checkChoice(loss, 'confidenceLoss.kind', given.kind, kinds);
  const { kind } = given;
  const options = kind === 'squared' ? [] : kind === 'focalCrossEntropy' ? ['gamma', 'alpha'] : ['gamma'];
  checkOptionNames(`${loss}: confidenceLoss '${kind}'`, given, options);
  if (given.kind === 'squared') return;
  // A sum of |C|^gamma has an infinite slope at 0 for a gamma below 1.
  const least = given.kind === 'focalProduct' ? 1 : 0;
  checkNumber(loss, 'confidenceLoss.gamma', given.gamma ?? 2, least);
  if (given.kind === 'focalCrossEntropy') {
    checkNumber(loss, 'confidenceLoss.alpha', given.alpha ?? 0.25, 0, 1);
  }
}
