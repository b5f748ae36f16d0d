import { SingleBar } from 'cli-progress';
import { readEnvironment } from '../../core/environment';
import { type FetchProgress, megabytes } from '../../fetch/progress';
import { printable } from './printable';

const FORMAT = '{label}  [{bar}] {percentage} %  {done} of {all}  {eta_formatted} left';

/**
 * Progress on a stream: a bar in a terminal; else, and where the size is unknown, a line for every tenth of a step
 * or every 100 MB.
 *
 * @param stream - Default: stderr, so that what a command prints as its result stays alone on stdout.
 */
export function transferProgress(stream: NodeJS.WriteStream = process.stderr): FetchProgress {
  const live = stream.isTTY && !readEnvironment().ci;
  let step: { label: string; total: number | undefined; done: number; said: number } | undefined;
  let bar: SingleBar | undefined;
  // Names and reasons come from servers.
  const line = (text: string) => stream.write(`${printable(text)}\n`);
  const show = (label: string, total: number, done: number) => {
    const shown = new SingleBar({
      format: FORMAT,
      stream,
      etaBuffer: 100,
      gracefulExit: false,
    });
    shown.start(total, done, { label, done: megabytes(done), all: megabytes(total) });
    return shown;
  };
  return {
    say(text) {
      bar?.stop();
      line(text);
      if (bar && step?.total !== undefined) bar = show(step.label, step.total, step.done);
    },
    begin(label, total, done) {
      step = { label, total, done, said: done };
      if (live && total !== undefined) bar = show(label, total, done);
      else
        line(
          `${label}${total === undefined ? '' : ` (${megabytes(total)})`}${done > 0 ? `, ${megabytes(done)} are there` : ''}`,
        );
    },
    advance(done) {
      if (!step) return;
      step.done = done;
      if (bar) return bar.update(done, { done: megabytes(done) });
      const { label, total, said } = step;
      if (done - said < Math.max(total === undefined ? 100e6 : total / 10, 1e6)) return;
      step.said = done;
      line(`${label}: ${megabytes(done)}${total === undefined ? '' : ` of ${megabytes(total)}`}`);
    },
    end() {
      bar?.stop();
      bar = undefined;
      step = undefined;
    },
  };
}
