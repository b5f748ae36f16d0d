import * as tf from '@tensorflow/tfjs';
import type { LossValue } from '../loss/detectionLoss';
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
    for (const { predictions, loss } of this.noted) {
      const names = tf.tidy(() => Object.keys(loss(predictions).parts));
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
    return Object.fromEntries(Object.entries(squares).map(([name, square]) => [name, Math.sqrt(square)]));
  }

  /** Free the predictions. */
  dispose(): void {
    tf.dispose(this.noted.map(({ predictions }) => predictions));
  }
}
