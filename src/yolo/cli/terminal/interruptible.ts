import { messageOf, StoppedError } from '../../core/errors';

/** Exit status of a program that a signal ended, as shells give it. */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = Object.keys(STATUS) as (keyof typeof STATUS)[];

/**
 * Does work that Ctrl-C, a termination or a terminal that is closed ends in order: the signal is aborted, the work cleans up, and one line says that it was
 * stopped. A second Ctrl-C ends the process at once.
 *
 * @param howOn - How to go on, for that line; a {@link StoppedError} says it itself.
 */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<void>,
  howOn = 'the same command goes on from there',
): Promise<void> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => controller.abort(signal);
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    await work(controller.signal);
  } catch (error) {
    const { aborted, reason } = controller.signal;
    // What else went wrong meanwhile, such as a disk too full to save on, must not pass for an orderly end.
    if (!aborted || !(error === reason || error instanceof StoppedError || isAbort(error))) throw error;
    const words = error instanceof StoppedError ? messageOf(error) : `stopped; ${howOn}`;
    process.stderr.write(`yolov1: ${words}\n`);
    process.exitCode = STATUS[reason as keyof typeof STATUS];
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** Whether it is what Node's own functions throw when their signal is aborted. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
