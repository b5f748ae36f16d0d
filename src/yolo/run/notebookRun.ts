import { setImmediate } from 'node:timers/promises';
import { messageOf, StoppedError } from '../core/errors';
import type { ExperimentEvents } from './events';
import { isNotebook, liveTraining } from './liveTraining';

/**
 * Milliseconds in which further presses of the stop button are taken for the same wish. A later press ends the
 * cell at once, while the training goes on behind it.
 */
const PATIENCE = 20_000;

/** Options that a training in a notebook gets by itself. */
interface NotebookOptions extends ExperimentEvents {
  signal?: AbortSignal;
}

/**
 * Does a training. In a notebook it shows how far it is, unless it has listeners of its own, and the stop button ends it
 * in order: what was learned is saved, the run directory is free, and the cell ends with one line.
 */
export async function asInNotebook<Options extends NotebookOptions, Result>(
  name: string,
  options: Options,
  train: (options: Options) => Promise<Result>,
): Promise<Result> {
  if (!isNotebook()) return train(options);
  const listens = Object.entries(options).some(([key, value]) => key.startsWith('on') && value !== undefined);
  const shown = listens ? options : { ...liveTraining(name), ...options };
  if (options.signal) return train(shown);
  // While a cell's code runs to its first pause, Node keeps the listeners of the signal aside.
  await setImmediate();
  const controller = new AbortController();
  // The kernel's own listener would end the cell and leave the training behind, running and with its lock.
  const others = process.listeners('SIGINT');
  let first = 0;
  const stop = () => {
    first ||= Date.now();
    controller.abort();
    if (Date.now() - first > PATIENCE) for (const other of others) other('SIGINT');
  };
  // A listener is always there: without one, the signal would end the process.
  process.on('SIGINT', stop);
  for (const other of others) process.off('SIGINT', other);
  try {
    return await train({ ...shown, signal: controller.signal });
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    throw new StoppedError(`${messageOf(error).split('; ')[0]}; run the cell again to go on`);
  } finally {
    for (const other of others) process.on('SIGINT', other);
    process.off('SIGINT', stop);
  }
}
