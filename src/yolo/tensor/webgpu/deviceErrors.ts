import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../core/errors';

/** What Dawn says of a tensor that no buffer of the device can hold. */
const TOO_LARGE = /buffer size/i;

/**
 * Watches a device for what WebGPU tells by events only: after an error it computes on, with nonsense, and throws
 * nothing.
 */
export class DeviceErrors {
  private lost?: string;
  /** The first since it was asked; those after it are its consequences. */
  private failed?: Error;

  constructor(device: GPUDevice) {
    device.lost.then(({ message }) => {
      this.lost = message.split('\n')[0];
    });
    device.addEventListener('uncapturederror', (event) => {
      // Else it is written to stderr as well.
      event.preventDefault();
      const { error } = event as GPUUncapturedErrorEvent;
      this.failed ??= errorOf(error);
    });
  }

  /**
   * Throws what has happened since the last call.
   *
   * @throws {@link UserError} if the device is lost. Error if its memory ran out (see `isOutOfMemory`) or an operation
   * was refused.
   */
  check(): void {
    if (this.lost !== undefined) {
      throw new UserError(
        `the graphics processor was lost (${this.lost}): start the program again; a training goes on with --resume from what was saved last`,
      );
    }
    const { failed } = this;
    this.failed = undefined;
    if (failed) throw failed;
  }

  /** The result of `work`, if nothing has happened until it was there. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // What a lost device leaves undone is told as "aborted"; the cause comes with a task of its own.
      await setImmediate();
      this.check();
      throw error;
    } finally {
      this.check();
    }
  }
}

function errorOf(error: GPUError): Error {
  const [line] = error.message.split('\n');
  const full = error instanceof GPUOutOfMemoryError || TOO_LARGE.test(line);
  return new Error(
    full ? `the graphics processor is out of memory (${line})` : `WebGPU refused an operation: ${line}`,
  );
}
