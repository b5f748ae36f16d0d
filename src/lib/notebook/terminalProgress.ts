import { stripVTControlCharacters } from 'node:util';
import type { Progress } from './executeCells';

/** Where progress is written: `process.stderr`, or anything like it. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How often the time of the running cell is written anew, in milliseconds. */
const TICK = 1000;

/**
 * Shows how the execution of a notebook goes on: one line for each cell when it is done, and on a terminal below
 * them a line with the running cell, its time and the last thing it printed.
 *
 * @returns A function for `onProgress`.
 */
export function terminalProgress(terminal: Terminal): (progress: Progress) => void {
  const live = terminal.isTTY === true;
  let last = '';
  let started = 0;
  let ticker: NodeJS.Timeout | undefined;
  const draw = (progress: Progress, seconds: number) => {
    const line = `  cell ${progress.cell}/${progress.cells}  ${seconds.toFixed(0)} s  ${last}`;
    terminal.write(`\r\x1b[K${line.slice(0, (terminal.columns ?? 80) - 1)}`);
  };
  return (progress) => {
    if (progress.state === 'started') {
      last = '';
      started = performance.now();
      if (!live) return;
      draw(progress, 0);
      ticker = setInterval(() => draw(progress, (performance.now() - started) / 1000), TICK);
    } else if (progress.state === 'text') {
      last = lastLine(progress.text) || last;
      if (live) draw(progress, progress.seconds);
    } else {
      clearInterval(ticker);
      const failed = progress.state === 'failed' ? '  failed' : '';
      const line = `  cell ${progress.cell}/${progress.cells}  ${progress.seconds.toFixed(1)} s${failed}\n`;
      terminal.write(live ? `\r\x1b[K${line}` : line);
    }
  };
}

/** Last line with anything in it, without what moves the cursor or colours. */
function lastLine(text: string): string {
  const lines = stripVTControlCharacters(text).split(/[\r\n]+/);
  return (lines.findLast((line) => line.trim() !== '') ?? '').trim();
}
