import * as tf from '@tensorflow/tfjs';
import { divisorOf, type LossValue } from '../loss/detectionLoss';
import type { Predictions } from '../model/detector';
import { takeData } from '../tensor/takeData';

/**
 * How hard each part of a loss pulls at the network's outputs: the norm of its gradient with respect to them, over all
 * pictures of a batch, whether they came at once or in micro-batches.
 */
export class OutputGradients {
  private readonly noted: { predictions: Predictions; loss: (predictions: Predictions) => LossValue }[] = [];

  /**
   * Keep predictions for {@link norms}, also beyond the tidy that this is called in.
   *
   * @param loss - What they contribute; evaluated again for each of its parts.
   */
  note(predictions: Predictions, loss: (predictions: Predictions) => LossValue): void {
    this.noted.push({ predictions: tf.keep(predictions.clone()), loss });
  }

  /** The norms by the part's name. */
  async norms(): Promise<Record<string, number>> {
    const squares: Record<string, number> = {};
    let shares = 0;
    for (const { predictions, loss } of this.noted) {
      const { names, share } = tf.tidy(() => {
        const { parts, divisor = 0 } = loss(predictions);
        return { names: Object.keys(parts), share: divisor };
      });
      shares += share;
      for (const name of names) {
        const square = tf.tidy(() =>
          tf
            .grad((x) => loss(x as Predictions).parts[name])(predictions)
            .square()
            .sum(),
        );
        squares[name] = (squares[name] ?? 0) + (await takeData(square))[0];
      }
    }
    const divisor = divisorOf(shares);
    return Object.fromEntries(
      Object.entries(squares).map(([name, square]) => [name, Math.sqrt(square) / divisor]),
    );
  }

  /** Free the predictions. */
  dispose(): void {
    tf.dispose(this.noted.map(({ predictions }) => predictions));
  }
}
