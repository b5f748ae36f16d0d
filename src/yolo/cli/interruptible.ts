/** Exit status of a program that a signal ended, as shells give it. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Does work that Ctrl-C ends in order: the signal is aborted, the work cleans up, and one line says that it was
 * stopped. A second Ctrl-C ends the process at once.
 *
 * @param howOn - How to go on, for that line.
 */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<void>,
  howOn = 'the same command goes on from there',
): Promise<void> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => controller.abort(signal);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write(`yolov1: stopped; ${howOn}\n`);
    process.exitCode = STATUS[controller.signal.reason as keyof typeof STATUS];
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
