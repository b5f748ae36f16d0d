import * as tf from '@tensorflow/tfjs';
import { differentiable } from '../../tensor/ops/gradient';
import type { ForwardContext, Layer } from './layer';

/**
 * Run a layer and keep nothing but its input: the backward pass runs it again for what the gradients need (arXiv
 * 1604.06174). The gradients are those of a plain forward pass; it takes the time of one more.
 *
 * @param context - In training. Dropout draws the same masks again, and statistics of the batch are the same; running
 *   statistics are moved the first time only.
 */
export function recomputed(layer: Layer, x: tf.Tensor, context: ForwardContext): tf.Tensor {
  const { reading } = context;
  const variables = reading ? [reading.trigger] : layer.parameters().map(({ variable }) => variable);
  return differentiable(
    [x, ...variables],
    () => ({ value: layer.forward(x, context), saved: [x], activations: [x] }),
    (dy, saved) => {
      const [input] = saved;
      const again = () => layer.forward(input, { ...context, again: true });
      let found: Map<tf.Tensor, tf.Tensor> | undefined;
      // The input comes first: if it is not asked for, as of pictures, it is left out.
      const gradientOf = (of: tf.Tensor) => () => {
        if (!found) {
          found = gradientsOf(again, of === input ? [input, ...variables] : variables, dy);
          // Gradients that nobody asks for are freed with what was saved, when the whole pass is over.
          saved.push(...found.values());
        }
        const gradient = found.get(of)!;
        const given = gradient.clone();
        gradient.dispose();
        return given;
      };
      return [gradientOf(input), ...variables.map(gradientOf)];
    },
  );
}

/** Gradients within a backward pass, which TensorFlow.js does not expect: it has one tape at a time. */
function gradientsOf(f: () => tf.Tensor, of: tf.Tensor[], dy: tf.Tensor): Map<tf.Tensor, tf.Tensor> {
  const engine = tf.engine();
  const outer = engine.state.activeTape;
  try {
    const { value, grads } = engine.gradients(f, of, dy, true);
    value.dispose();
    const found = new Map<tf.Tensor, tf.Tensor>();
    // A norm that is constant has none.
    grads.forEach((gradient: tf.Tensor | undefined, i) => {
      if (gradient) found.set(of[i], tf.keep(gradient));
    });
    return found;
  } finally {
    engine.state.activeTape = outer;
  }
}
