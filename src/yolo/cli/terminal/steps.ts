import { readEnvironment } from '../../core/environment';

/** Shows the steps of longer work: a line each, and on a terminal how far the running one is. */
export interface Steps {
  /** Ends the running step and says something. */
  say(text: string): void;
  /** Ends the running step and begins the next. */
  step(text: string): void;
  /** How far the running step is. */
  detail(text: string): void;
  /** Ends the last step. */
  end(): void;
}

/**
 * Steps on a stream, each with the seconds it took.
 *
 * @param stream - Default: stderr, so that what a command prints as its result stays alone on stdout.
 */
export function stepsOn(stream: NodeJS.WriteStream = process.stderr): Steps {
  const live = stream.isTTY && !readEnvironment().ci;
  let running: { text: string; since: number } | undefined;
  const end = () => {
    if (!running) return;
    const seconds = ((performance.now() - running.since) / 1000).toFixed(1);
    stream.write(`${live ? `\r\x1b[K${running.text} ...` : ''} ${seconds} s\n`);
    running = undefined;
  };
  return {
    say(text) {
      end();
      stream.write(`${text}\n`);
    },
    step(text) {
      end();
      running = { text, since: performance.now() };
      stream.write(`${text} ...`);
    },
    detail(text) {
      if (live && running) stream.write(`\r\x1b[K${running.text}: ${text}`);
    },
    end,
  };
}
