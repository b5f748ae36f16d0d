import { counted } from '../core/counted';
import { Pace } from '../core/pace';
import type { MetricsLine } from '../record/runRecord';
import type { StepReport } from '../train/stepReport';
import type { ExperimentEvents } from './events';

/** A place under the executing cell of a notebook whose content each call replaces. */
interface Display {
  text(content: string): void;
  svg(content: string): void;
}

/** Milliseconds between two updates of the line: often enough to follow, rare enough to cost nothing. */
const PAUSE = 500;

/** Size of the curve's plot in CSS pixels, and the room for its numbers. */
const [WIDTH, HEIGHT, LEFT, BELOW] = [480, 160, 52, 28];

/** The part of a tslab kernel that it leaves in a global variable for its cells; there is no other mark of one. */
interface Kernel {
  require(id: 'tslab'): { newDisplay(): Display };
}

function kernel(): Kernel | undefined {
  return (globalThis as { __tslab__?: Kernel }).__tslab__;
}

/** Tells whether this process is the kernel of a notebook. */
export function isNotebook(): boolean {
  return kernel() !== undefined;
}

/**
 * Listeners that show a training under the cell which runs it: a line that counts features, steps and evaluated pictures
 * with what is left, and the loss as a curve that grows by the epoch. {@link runExperiment} takes them by itself in a
 * notebook.
 *
 * @param title - Name of the run.
 * @param display - Makes a place to show in. Default: under the executing cell; outside of a notebook nothing is shown.
 */
export function liveTraining(
  title: string,
  display: () => Display | undefined = () => kernel()?.require('tslab').newDisplay(),
): Required<Omit<ExperimentEvents, 'onMemory' | 'onNote'>> {
  const line = display();
  let curve: Display | undefined;
  const losses: number[] = [];
  let shown = 0;
  const pace = new Pace();
  const say = (text: string, force: boolean) => {
    if (!force && Date.now() - shown < PAUSE) return;
    shown = Date.now();
    line?.text(`${title}: ${text}`);
  };
  return {
    onFeatures: (done, all) => say(`features of ${done} of ${counted(all, 'view')}`, done === all),
    onBegin(step) {
      if (step > 0) say(`going on after step ${step}`, true);
    },
    onStep({ epoch, step, steps, loss, pictures }: StepReport) {
      const words = [
        `epoch ${epoch}`,
        `step ${step} of ${steps}`,
        `loss ${loss.toFixed(3)}`,
        ...pace.words(step, steps, pictures),
      ];
      say(words.join(', '), step === steps);
    },
    onEvaluated(done, all) {
      pace.pause();
      // The last step's line is the one that stays.
      if (done < all) say(`evaluated ${done} of ${counted(all, 'picture')}`, false);
    },
    onEpoch({ loss }: MetricsLine) {
      losses.push(Number(loss));
      if (losses.length < 2) return;
      curve ??= display();
      curve?.svg(lossCurve(losses));
    },
  };
}

/** The mean loss of each epoch so far as an SVG document: plain, since a chart library is too much for a line. */
function lossCurve(losses: readonly number[]): string {
  const most = Math.max(...losses.filter(Number.isFinite), Number.MIN_VALUE);
  const x = (k: number) => LEFT + (k / (losses.length - 1)) * (WIDTH - LEFT - 8);
  const y = (loss: number) => 8 + (1 - loss / most) * (HEIGHT - 16);
  const points = losses.flatMap((loss, k) =>
    Number.isFinite(loss) ? [`${x(k).toFixed(1)},${y(loss).toFixed(1)}`] : [],
  );
  const text = (at: string, anchor: string, words: string) =>
    `<text ${at} text-anchor="${anchor}">${words}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT + BELOW}" font-size="12" ` +
    'font-family="system-ui, sans-serif" fill="#59636f" role="img" aria-label="The loss so far">' +
    `<title>The loss so far</title><rect width="100%" height="100%" fill="#ffffff"/>` +
    `<path d="M${LEFT} 8V${HEIGHT - 8}H${WIDTH - 8}" fill="none" stroke="#97a1ad"/>` +
    `<polyline points="${points.join(' ')}" fill="none" stroke="#0067a5" stroke-width="2.25"/>` +
    text(`x="${LEFT - 6}" y="16"`, 'end', most.toPrecision(3)) +
    text(`x="${LEFT - 6}" y="${HEIGHT - 6}"`, 'end', '0') +
    text(`x="${LEFT}" y="${HEIGHT + 10}"`, 'middle', '1') +
    text(`x="${WIDTH - 8}" y="${HEIGHT + 10}"`, 'end', `epoch ${losses.length}`) +
    text(`x="${(LEFT + WIDTH) / 2}" y="${HEIGHT + 24}"`, 'middle', 'loss a picture by epoch') +
    '</svg>'
  );
}
