import type * as tf from '@tensorflow/tfjs';
import { UserError } from '../../core/errors';
import { settle } from '../../tensor/settle';
import { formatBytes } from '../bytes';
import type { AllocationTracker } from './allocationTracker';
import { isOutOfMemory } from './outOfMemory';
import type { MemoryProbe } from './probe';

/** Pictures `start` to `end` (not included) of a batch. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** An action of the guard, for a log. */
export interface GuardEvent {
  /** `lowered`: above the soft limit. `redone`: memory ran out and the step was computed again. */
  kind: 'lowered' | 'redone';
  /** Micro-batch from now on. */
  microBatch: number;
  /** Reading that led to it, in bytes. */
  bytes: number;
  message: string;
}

/** Options of {@link MemoryGuard}. */
export interface GuardOptions {
  /** The hard limit, in bytes. Without one, only memory that really ran out is acted on. */
  budget?: number;
  /** Pictures that go through the network at once, to begin with; the plan's. */
  microBatch: number;
  /** Fewest pictures that may go through at once, for a loss that can't be accumulated. Default 1. */
  least?: number;
  probe: MemoryProbe;
  /** A tracker that runs. Frees what a failed computation leaves behind. */
  tracker: AllocationTracker;
  onEvent?: (event: GuardEvent) => void;
}

/** Training needs more memory than its budget. */
export class MemoryLimitError extends UserError {
  /**
   * @param message - What was read, what was allowed, and what to do.
   * @param nextMicroBatch - The largest micro-batch worth a try, or undefined if it can't be made smaller.
   */
  constructor(
    message: string,
    readonly nextMicroBatch: number | undefined,
  ) {
    super(message);
    this.name = 'MemoryLimitError';
  }
}

/** Share of the budget from which the micro-batch is lowered. */
const SOFT_LIMIT = 0.9;
/** A reading must rise by this share of the budget to count as a rise. */
const RISE = 0.01;

/**
 * Keeps a training within its budget by cutting batches into smaller pieces. The effective batch, and with it the
 * result (where no layer mixes pictures), stays.
 */
export class MemoryGuard {
  /** Largest reading so far, in bytes. */
  peak = 0;
  private micro: number;
  private loweredAt = 0;

  constructor(private readonly options: GuardOptions) {
    this.micro = options.microBatch;
  }

  /** Pictures that go through the network at once now. */
  get microBatch(): number {
    return this.micro;
  }

  /** Go on with the micro-batch of an earlier part of the same training, where that is smaller than the plan's. */
  resume(microBatch: number): void {
    this.micro = Math.min(this.micro, microBatch);
  }

  /**
   * Compute something of a batch in pieces. If memory runs out, what is left of the try is freed, the pieces are halved
   * and all of it is computed again.
   *
   * @param pictures - In the batch.
   * @param compute - Must change nothing but `state` before it returns: gradients, not the update.
   * @param state - Variables that it changes (running statistics); put back before it is computed again.
   * @throws MemoryLimitError if memory runs out with the smallest pieces. What else `compute` throws is passed on.
   */
  async run<T>(
    pictures: number,
    compute: (slices: readonly Slice[]) => T | Promise<T>,
    state: readonly tf.Variable[] = [],
  ): Promise<T> {
    for (;;) {
      const slices = slicesOf(pictures, this.micro);
      const before = state.map((variable) => variable.clone());
      const mark = this.options.tracker.mark();
      try {
        return await compute(slices);
      } catch (error) {
        if (!isOutOfMemory(error)) {
          throw error;
        }
        this.options.tracker.disposeSince(mark);
        state.forEach((variable, index) => {
          variable.assign(before[index]);
        });
        this.halve(slices[0].end - slices[0].start);
      } finally {
        for (const value of before) {
          value.dispose();
        }
      }
    }
  }

  /**
   * Read the memory and act on it; call it after every step.
   *
   * TensorFlow keeps freed memory for itself, so a reading does not fall with the micro-batch. Above the soft limit the
   * micro-batch is therefore lowered again only if the reading goes on rising.
   *
   * @throws MemoryLimitError above the hard limit.
   */
  check(): void {
    const { budget = Number.POSITIVE_INFINITY, probe } = this.options;
    const bytes = this.read();
    if (bytes > budget) {
      throw this.limitError(`${formatBytes(bytes)} in use (${probe.source})`, this.micro);
    }
    if (bytes > SOFT_LIMIT * budget && bytes > this.loweredAt + RISE * budget && this.canHalve(this.micro)) {
      this.loweredAt = bytes;
      this.lower('lowered', this.micro, bytes, `${formatBytes(bytes)} in use (${probe.source})`);
    }
  }

  /**
   * Run what can't be cut into pieces, such as an update.
   *
   * @throws MemoryLimitError if memory runs out. What else `compute` throws is passed on.
   */
  async runWhole<T>(compute: () => Promise<T>): Promise<T> {
    try {
      const result = await compute();
      await settle();
      return result;
    } catch (error) {
      if (!isOutOfMemory(error)) {
        throw error;
      }
      this.read();
      throw this.limitError('memory ran out', this.micro);
    }
  }

  private halve(failed: number): void {
    const bytes = this.read();
    if (!this.canHalve(failed)) {
      throw this.limitError('memory ran out', failed);
    }
    this.lower('redone', failed, bytes, 'memory ran out, step computed again');
  }

  private read(): number {
    const bytes = this.options.probe.read();
    this.peak = Math.max(this.peak, bytes);
    return bytes;
  }

  private canHalve(microBatch: number): boolean {
    return microBatch > 1 && Math.ceil(microBatch / 2) >= (this.options.least ?? 1);
  }

  private lower(kind: GuardEvent['kind'], from: number, bytes: number, reason: string): void {
    this.micro = Math.ceil(from / 2);
    const message = `${reason}; ${this.budgetWords()}: micro-batch ${from} -> ${this.micro}`;
    this.options.onEvent?.({ kind, microBatch: this.micro, bytes, message });
  }

  private limitError(reason: string, microBatch: number): MemoryLimitError {
    const next = this.canHalve(microBatch) ? Math.ceil(microBatch / 2) : undefined;
    return new MemoryLimitError(
      `${reason}: ${this.budgetWords()}, peak ${formatBytes(this.peak)}, ` +
        `micro-batch ${microBatch}; ${next ? `try micro-batch ${next}` : 'take a smaller head or input, freeze the backbone'}, ` +
        `or give ${this.options.budget === undefined ? 'the machine more memory' : 'a larger budget'}`,
      next,
    );
  }

  private budgetWords(): string {
    const { budget } = this.options;
    return budget === undefined ? 'no budget' : `budget ${formatBytes(budget)}`;
  }
}

/**
 * Cut a batch into the fewest pieces of at most `most` pictures, as equal as can be, larger ones first.
 */
export function slicesOf(pictures: number, most: number): Slice[] {
  const pieces = Math.ceil(pictures / most);
  const edge = (piece: number) => Math.ceil((piece * pictures) / pieces);
  return Array.from({ length: pieces }, (_, piece) => ({ start: edge(piece), end: edge(piece + 1) }));
}
