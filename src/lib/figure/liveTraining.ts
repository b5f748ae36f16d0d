import type { ExperimentEvents, MetricsLine, StepReport } from 'yolov1';
import { lineChart } from '../chart/lineChart';
import { type Display, liveDisplay } from '../notebook/display';

/** Milliseconds between two updates of the display: often enough to follow, rare enough to cost nothing. */
const PAUSE = 500;

/**
 * Listeners for a training in a notebook: a line that counts features and steps with what is left, and the loss as a
 * curve that grows by the epoch. When the training is over, both give way to the cell's own output.
 *
 * @param title - Name of the run in the line.
 */
export function liveTraining(
  title: string,
): Required<Pick<ExperimentEvents, 'onFeatures' | 'onStep' | 'onEpoch'>> {
  const line = liveDisplay();
  let curve: Display | undefined;
  const losses: number[] = [];
  let shown = 0;
  let started = 0;
  /** Steps that were done before the clock started: of an earlier part of a resumed run, and the first. */
  let before = 0;
  const say = (text: string, force = false) => {
    if (!force && Date.now() - shown < PAUSE) {
      return;
    }
    shown = Date.now();
    line.text(text);
  };
  return {
    onFeatures(done, all) {
      say(`${title}: features of ${done} of ${all} views`, done === all);
    },
    onStep({ epoch, step, steps, loss, pictures }: StepReport) {
      if (started === 0) {
        started = Date.now();
        before = step;
      }
      const seconds = (Date.now() - started) / 1000;
      const done = step - before;
      const pace =
        done > 0 && seconds > 0
          ? `, ${((done * pictures) / seconds).toFixed(0)} pictures/s, ${Math.round((seconds / done) * (steps - step))} s left`
          : '';
      say(
        `${title}: epoch ${epoch}, step ${step} of ${steps}, loss ${loss.toFixed(3)}${pace}`,
        step === steps,
      );
    },
    onEpoch({ loss }: MetricsLine) {
      losses.push(Number(loss));
      if (losses.length < 2) {
        return;
      }
      curve ??= liveDisplay();
      const target = curve;
      // Drawing is asynchronous; a curve that comes late is replaced by the next one.
      void lineChart(
        { series: { loss: losses }, yTitle: 'loss a picture' },
        { caption: `${title}: loss by epoch.`, alt: 'The loss so far.', label: 'live' },
      ).then(({ svg }) => target.svg(svg));
    },
  };
}
