import type * as tf from '@tensorflow/tfjs';
import { AllocationTracker } from '../memory/measure/allocationTracker';
import { MemoryGuard, type Slice } from '../memory/measure/guard';
import { LeakDetector } from '../memory/measure/leakDetector';
import { MemoryMeter } from '../memory/measure/meter';
import { type MemoryProbe, memoryProbe, takeLargest } from '../memory/measure/probe';
import type { Phase } from '../memory/phases';
import type { NamedTensors } from '../model/weights/weights';
import type { MemoryGrowth, RunMemory } from '../record/runRecord';
import type { TrainingPlan } from './setup/memoryPlan';

/** The training that is watched. */
export interface TrainingMemoryOptions {
  plan: TrainingPlan;
  /** Its variables are counted from the start. */
  network: NamedTensors;
  device: 'cpu' | 'cuda' | 'webgpu';
  /** True if batches may be cut into smaller pieces than planned. */
  divisible: boolean;
  /** Steps of the training. */
  steps: number;
  onMemory?: (message: string) => void;
  /** Default: the best there is; see {@link memoryProbe}. */
  probe?: MemoryProbe;
}

/** How often the leak detector looks in a training. */
const SAMPLES = 200;

/** Watches the memory of one training, keeps it within the plan's budget, and tells in the end what it took. */
export class TrainingMemory {
  private readonly tracker = new AllocationTracker().start();
  private readonly probe: MemoryProbe;
  private readonly meter: MemoryMeter;
  private readonly guard: MemoryGuard;
  private readonly leaks: LeakDetector;
  private readonly baseline: number;
  private readonly messages: string[] = [];
  /** Largest reading since the guard looked. */
  private largest = 0;
  private done = 0;

  constructor(private readonly options: TrainingMemoryOptions) {
    const { plan, network, device, divisible } = options;
    const variables = [...network.parameters(), ...network.statistics()];
    this.tracker.adopt(variables.map(({ variable }) => variable));
    this.probe = options.probe ?? memoryProbe(device, this.tracker);
    this.baseline = this.probe.read();
    this.meter = new MemoryMeter({ source: this.probe.source, read: () => this.note() }, this.tracker);
    this.leaks = new LeakDetector(this.tracker, this.probe);
    this.guard = new MemoryGuard({
      ...(plan.budget ? { budget: plan.budget.bytes } : {}),
      microBatch: plan.microBatch,
      ...(divisible ? {} : { least: plan.microBatch }),
      probe: { source: this.probe.source, read: () => this.takeLargest() },
      tracker: this.tracker,
      onEvent: ({ message }) => this.say(`step ${this.done + 1}: ${message}`),
    });
    for (const message of plan.messages) {
      this.say(message);
    }
    this.enter('load');
  }

  /** Pictures that go through the network at once now. */
  get microBatch(): number {
    return this.guard.microBatch;
  }

  /**
   * Go on with the micro-batch that the training had come to: where BatchNorm takes statistics, its size is part of the
   * result.
   */
  resume(microBatch: number): void {
    this.guard.resume(microBatch);
    if (microBatch < this.options.plan.microBatch) {
      this.say(`going on with micro-batch ${microBatch}, to which the first part was lowered`);
    }
  }

  /** Begin a phase. Undefined: nothing that counts goes on. */
  enter(phase: Phase | undefined): void {
    this.meter.enter(phase);
  }

  /** Compute the gradients of a batch in as few pieces as fit; see {@link MemoryGuard.run}. */
  run<T>(
    pictures: number,
    compute: (slices: readonly Slice[]) => Promise<T>,
    state: readonly tf.Variable[],
  ): Promise<T> {
    return this.guard.run(pictures, compute, state);
  }

  /** Run work that can't be cut; see {@link MemoryGuard.runWhole}. */
  runWhole<T>(compute: () => Promise<T>): Promise<T> {
    return this.guard.runWhole(compute);
  }

  /** End a step. @throws MemoryLimitError above the budget. */
  endStep(): void {
    this.enter(undefined);
    if (this.done % Math.ceil(this.options.steps / SAMPLES) === 0) {
      this.leaks.sample();
    }
    this.guard.check();
    this.done += 1;
  }

  /** Memory that was taken so far. */
  record(): RunMemory {
    const { budget, estimate, microBatch } = this.options.plan;
    const { baseline, need, total } = estimate;
    return {
      source: this.probe.source,
      budget: budget ?? null,
      microBatch: { first: microBatch, last: this.guard.microBatch },
      estimate: { baseline, need, total },
      baseline: this.baseline,
      peaks: this.meter.peaks(),
      timeline: this.meter
        .timeline()
        .map((point) => ({ ...point, seconds: Math.round(point.seconds * 1000) / 1000 })),
      messages: this.messages,
      growth: this.growth(),
    };
  }

  /** Say which kinds of tensors there are more and more of. */
  tellLeaks(): void {
    for (const line of this.growth()?.tensors ?? []) {
      this.say(`leak: ${line}`);
    }
  }

  /** Stop counting. */
  dispose(): void {
    this.tracker.stop();
  }

  private growth(): MemoryGrowth | null {
    if (!this.leaks.enough) {
      return null;
    }
    const { samples, growing, memory } = this.leaks.report();
    return { samples, tensors: growing.map(({ line }) => line), memory };
  }

  private say(message: string): void {
    this.messages.push(message);
    this.options.onMemory?.(message);
  }

  private note(): number {
    const bytes = takeLargest(this.probe);
    this.largest = Math.max(this.largest, bytes);
    return bytes;
  }

  private takeLargest(): number {
    const bytes = Math.max(this.largest, this.probe.read());
    this.largest = 0;
    return bytes;
  }
}
