import * as tf from '@tensorflow/tfjs';
import { checkArguments, tensor } from '../core/arguments';
import { UserError } from '../core/errors';
import { oneOf } from '../core/form';
import { detached } from './detached';

/**
 * How far two boxes agree, 1 for equal ones.
 *
 * - `iou`: intersection over union, 0..1. No gradient where the boxes don't touch.
 * - `giou`: IoU - (enclosing area - union) / enclosing area, -1..1. Rezatofighi et al., 1902.09630.
 * - `diou`: IoU - (distance of the centres / diagonal of the enclosing box)^2, -1..1. Zheng et al., 1911.08287.
 * - `ciou`: DIoU - alpha v, where v compares the aspect ratios and alpha = v / (1 - IoU + v) is held constant in the
 *   gradient, as in the same paper.
 */
export type OverlapKind = 'iou' | 'giou' | 'diou' | 'ciou';

const BOXES = tensor('a tensor of boxes');
const ARGUMENTS = { boxes: BOXES, others: BOXES, kind: oneOf(['iou', 'giou', 'diou', 'ciou']) };

/** Boxes by their edges, tensors of one shape (or shapes that broadcast). */
export interface EdgeTensors {
  left: tf.Tensor;
  top: tf.Tensor;
  right: tf.Tensor;
  bottom: tf.Tensor;
}

// Areas and squared lengths are not divided by less than this: two boxes without area have overlap 0, not NaN, and
// 1 / x^2 is still finite in float32. It is the area of a box of a millionth of the picture's side.
const SMALLEST_AREA = 1e-12;
const SMALLEST_SIDE = 1e-6;

/**
 * Overlap of each box with its counterpart, with a gradient to both.
 *
 * A reversed box (right < left or bottom < top) counts as one without area. Values and gradients are finite for boxes
 * that are equal, don't touch or have no area.
 *
 * @param boxes - `[..., 4]` float32: left, top, right, bottom in any one unit.
 * @param others - The same shape.
 * @param kind - Default `iou`.
 * @returns `[...]`; the caller disposes it.
 * @throws UserError for anything but tensors, another dtype, a last dimension other than 4, shapes that differ or an
 * unknown kind.
 */
export function overlap(boxes: tf.Tensor, others: tf.Tensor, kind: OverlapKind = 'iou'): tf.Tensor {
  checkArguments('overlap', { boxes, others, kind }, ARGUMENTS);
  checkBoxes('boxes', boxes);
  checkBoxes('others', others);
  if (boxes.shape.join() !== others.shape.join()) {
    throw new UserError(
      `overlap: others has shape [${others.shape}], expected that of boxes, [${boxes.shape}]`,
    );
  }
  return tf.tidy(() =>
    overlapOfEdges(edgesOf(boxes), edgesOf(others), kind).reshape(boxes.shape.slice(0, -1)),
  );
}

/** {@link overlap} of boxes that are given by their edges; to be called inside a tidy. */
export function overlapOfEdges(a: EdgeTensors, b: EdgeTensors, kind: OverlapKind): tf.Tensor {
  const both = side(tf.maximum(a.left, b.left), tf.minimum(a.right, b.right)).mul(
    side(tf.maximum(a.top, b.top), tf.minimum(a.bottom, b.bottom)),
  );
  const union = areaOf(a).add(areaOf(b)).sub(both);
  const iou = both.div(union.maximum(SMALLEST_AREA));
  if (kind === 'iou') return iou;

  const width = tf.maximum(a.right, b.right).sub(tf.minimum(a.left, b.left));
  const height = tf.maximum(a.bottom, b.bottom).sub(tf.minimum(a.top, b.top));
  if (kind === 'giou') {
    const enclosing = width.mul(height);
    return iou.sub(enclosing.sub(union).div(enclosing.maximum(SMALLEST_AREA)));
  }
  const distance = tf
    .add(
      a.left.add(a.right).sub(b.left).sub(b.right).square(),
      a.top.add(a.bottom).sub(b.top).sub(b.bottom).square(),
    )
    .div(4);
  const diou = iou.sub(distance.div(width.square().add(height.square()).maximum(SMALLEST_AREA)));
  if (kind === 'diou') return diou;

  const v = angleOf(a)
    .sub(angleOf(b))
    .square()
    .mul(4 / Math.PI ** 2);
  const alpha = detached(() => v.div(v.add(1).sub(iou).maximum(SMALLEST_AREA)));
  return diou.sub(alpha.mul(v));
}

/** Columns of `[..., 4]` boxes, each `[..., 1]`. */
export function edgesOf(boxes: tf.Tensor): EdgeTensors {
  const [left, top, right, bottom] = tf.split(boxes, 4, boxes.rank - 1);
  return { left, top, right, bottom };
}

function side(from: tf.Tensor, to: tf.Tensor): tf.Tensor {
  return tf.relu(to.sub(from));
}

function areaOf({ left, top, right, bottom }: EdgeTensors): tf.Tensor {
  return side(left, right).mul(side(top, bottom));
}

/** Angle of the diagonal against the vertical: arctan(width / height). */
function angleOf({ left, top, right, bottom }: EdgeTensors): tf.Tensor {
  return tf.atan(side(left, right).div(side(top, bottom).maximum(SMALLEST_SIDE)));
}

function checkBoxes(argument: string, boxes: tf.Tensor): void {
  if (boxes.rank < 1 || boxes.shape[boxes.rank - 1] !== 4) {
    throw new UserError(`overlap: ${argument} has shape [${boxes.shape}], expected [..., 4]`);
  }
  if (boxes.dtype !== 'float32') {
    throw new UserError(`overlap: ${argument} is ${boxes.dtype}, expected float32`);
  }
}
