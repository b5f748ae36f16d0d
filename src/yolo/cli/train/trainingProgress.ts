import { MultiBar, type SingleBar } from 'cli-progress';
import { counted } from '../../core/counted';
import { readEnvironment } from '../../core/environment';
import { Pace } from '../../core/pace';
import { formatBytes } from '../../memory/bytes';
import { residentSize } from '../../memory/measure/residentSize';
import type { MetricsLine } from '../../record/runRecord';
import type { ExperimentEvents } from '../../run/events';
import type { StepReport } from '../../train/stepReport';

/** Shows a training on a stream. */
export interface TrainingProgress extends Required<ExperimentEvents> {
  /** Nothing more comes, also after an error. */
  end(): void;
}

/** What progress is shown of. */
export interface ProgressOf {
  epochs: number;
  /** Default: stderr, so that what a command prints as its result stays alone on stdout. */
  stream?: NodeJS.WriteStream;
  /** Milliseconds. Default: the process's clock. */
  now?: () => number;
}

/** In a terminal two lines that redraw themselves; else plain lines. */
export function trainingProgress(of: ProgressOf): TrainingProgress {
  const { stream = process.stderr } = of;
  return stream.isTTY && !readEnvironment().ci ? liveProgress(of) : plainProgress(of);
}

const BAR = '{phase} [{bar}] {value}/{total} {words}';
const WIDE = 100;

/** A bar and, under it, the parts of the loss; finished epochs and messages stay above as lines. */
function liveProgress({ epochs, stream = process.stderr, now }: ProgressOf): TrainingProgress {
  const bars = new MultiBar({
    stream,
    format: BAR,
    barsize: (stream.columns ?? 80) >= WIDE ? 30 : 10,
    barCompleteChar: '=',
    barIncompleteChar: '-',
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C ends the training in order, which then ends the bars.
    gracefulExit: false,
    emptyOnZero: true,
    // Otherwise a line that has not changed is not drawn again below a message.
    forceRedraw: true,
    fps: 4,
    noTTYOutput: false,
  });
  const pace = new Pace(now);
  let shown: { phase: string; bar: SingleBar; below: SingleBar } | undefined;
  const show = (phase: string, done: number, all: number, words: string, below = '') => {
    if (shown?.phase === phase) {
      shown.bar.update(done, { words });
      shown.below.update(0, { words: below });
      bars.update();
      return;
    }
    const payload = { phase, words };
    if (shown) {
      shown.bar.start(all, done, payload);
      shown.below.update(0, { words: below });
    } else {
      const bar = bars.create(all, done, payload);
      shown = { phase, bar, below: bars.create(1, 0, { words: below }, { format: '{words}' }) };
    }
    shown.phase = phase;
    bars.update();
  };
  const say = (text: string) => {
    if (!shown) {
      stream.write(`${text}\n`);
      return;
    }
    bars.log(`${text}\n`);
    bars.update();
  };
  return {
    onFeatures(done, all) {
      const left = pace.left(done, all);
      show('features', done, all, left === undefined ? 'views' : `views, ${left} left`);
    },
    onMemory: (message) => say(`memory: ${message}`),
    onNote: say,
    onBegin(step) {
      if (step > 0) say(wordsOfBegin(step));
    },
    onEvaluated: (done, all) => show('evaluating', done, all, 'pictures'),
    onStep(report) {
      const { step, steps, pictures } = report;
      const words = [
        `epoch ${report.epoch}/${epochs}`,
        ...pace.words(step, steps, pictures),
        formatBytes(residentSize()),
      ];
      show('training', step, steps, words.join(', '), `  ${lossWords(report)}`);
      if (step % (steps / epochs) === 0) pace.pause();
    },
    onEpoch: (line) => say(epochWords(line, epochs)),
    end() {
      if (shown) bars.stop();
    },
  };
}

/** Milliseconds between two lines of a log file, but for those that say that something is over. */
const QUIET = 60_000;

/** For a log file: an epoch's line, and within a long epoch or set of features a line a minute. */
function plainProgress({
  epochs,
  stream = process.stderr,
  now = () => performance.now(),
}: ProgressOf): TrainingProgress {
  const pace = new Pace(now);
  let said = now();
  const say = (text: string) => {
    said = now();
    stream.write(`${text}\n`);
  };
  const due = () => now() - said >= QUIET;
  return {
    onFeatures(done, all) {
      const left = pace.left(done, all);
      if (due() || done === all) {
        say(
          `features: ${done} of ${counted(all, 'view')}${left === undefined || done === all ? '' : `, ${left} left`}`,
        );
      }
    },
    onMemory: (message) => say(`memory: ${message}`),
    onNote: say,
    onBegin(step) {
      if (step > 0) say(wordsOfBegin(step));
    },
    onEvaluated(done, all) {
      if (due()) say(`evaluating: ${done} of ${counted(all, 'picture')}`);
    },
    onStep(report) {
      const { step, steps, pictures } = report;
      const words = pace.words(step, steps, pictures);
      if (due()) {
        const place = `epoch ${report.epoch} of ${epochs}, step ${step} of ${steps}`;
        say([place, ...words, formatBytes(residentSize()), lossWords(report)].join(', '));
      }
      if (step % (steps / epochs) === 0) pace.pause();
    },
    onEpoch: (line) => say(epochWords(line, epochs)),
    end() {},
  };
}

function wordsOfBegin(step: number): string {
  return `going on after step ${step}`;
}

function lossWords({ loss, parts }: Pick<StepReport, 'loss' | 'parts'>): string {
  const named = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  return `loss ${loss.toFixed(3)} (${named.join(', ')})`;
}

function epochWords({ epoch, step, loss, map }: MetricsLine, epochs: number): string {
  const found = map === undefined ? '' : `, mAP@.5 ${Number(map).toFixed(4)}`;
  return `epoch ${epoch} of ${epochs}: step ${step}, loss ${Number(loss).toFixed(4)}${found}`;
}
