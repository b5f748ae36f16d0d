import * as tf from '@tensorflow/tfjs';

/** The two calls through which TensorFlow.js learns of every tensor's beginning and end. */
interface TensorTracking {
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
  disposeTensor(tensor: tf.Tensor): void;
  nextTensorId(): number;
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8 };

const running = new Set<AllocationTracker>();

/**
 * Counts the tensors that are made and freed while it runs, by the memory they really take.
 *
 * `tf.memory().numBytes` counts every clone as if it had numbers of its own; here clones that share them count once. (A
 * reshape on the native backend counts again: only TensorFlow knows that it shares.) Strings count as nothing. Tensors
 * made before the start are unknown until {@link adopt}.
 */
export class AllocationTracker {
  private readonly live = new Map<number, { tensor: tf.Tensor; data: object }>();
  private readonly buffers = new Map<object, { references: number; bytes: number }>();
  private now = 0;
  private most = 0;

  /** Bytes of the tensors alive. */
  get bytes(): number {
    return this.now;
  }

  /** Most bytes alive at once since the start or {@link forgetPeak}. */
  get peak(): number {
    return this.most;
  }

  /** Begin to count. */
  start(): this {
    if (running.size === 0) {
      intercept();
    }
    running.add(this);
    return this;
  }

  /** Count tensors that were made before the start as well. */
  adopt(tensors: Iterable<tf.Tensor>): void {
    for (const tensor of tensors) {
      if (!this.live.has(tensor.id)) {
        this.made(tensor);
      }
    }
  }

  /** Stop counting and forget everything. */
  stop(): void {
    running.delete(this);
    if (running.size === 0) {
      const engine = tf.engine() as unknown as Partial<TensorTracking>;
      // The methods of the class show again.
      delete engine.trackTensor;
      delete engine.disposeTensor;
    }
    this.live.clear();
    this.buffers.clear();
    this.now = this.most = 0;
  }

  /** Start the peak again from what is alive now. */
  forgetPeak(): void {
    this.most = this.now;
  }

  /** Tensors alive by kind, `tensor [4, 7, 7, 30]` or `variable [512]`: how many, and their bytes, shared or not. */
  census(): Map<string, { count: number; bytes: number }> {
    const kinds = new Map<string, { count: number; bytes: number }>();
    for (const { tensor } of this.live.values()) {
      const kind = kindOf(tensor);
      const { count, bytes } = kinds.get(kind) ?? { count: 0, bytes: 0 };
      kinds.set(kind, { count: count + 1, bytes: bytes + bytesOf(tensor) });
    }
    return kinds;
  }

  /** Names in TensorFlow.js of the variables of a kind that were made last, newest first. */
  newestVariables(kind: string, count: number): string[] {
    const found = [...this.live.values()].filter(({ tensor }) => kindOf(tensor) === kind);
    // A variable keeps its id when it is assigned to, so ids tell the order of making.
    const newestFirst = found.sort((a, b) => b.tensor.id - a.tensor.id).slice(0, count);
    return newestFirst.map(({ tensor }) => (tensor as tf.Variable).name);
  }

  /** A point in time for {@link disposeSince}. */
  mark(): number {
    return (tf.engine() as unknown as TensorTracking).nextTensorId();
  }

  /**
   * Dispose every tensor made since a point in time that is still alive, variables excepted: what a computation that
   * failed half-way leaves behind. TensorFlow.js keeps the activations of a gradient that threw.
   *
   * @param mark - From {@link mark}.
   */
  disposeSince(mark: number): void {
    for (const [id, { tensor }] of this.live) {
      if (id > mark && !(tensor instanceof tf.Variable)) {
        tensor.dispose();
      }
    }
  }

  /** For the interception only. */
  made(tensor: tf.Tensor): void {
    const data = tensor.dataId;
    this.live.set(tensor.id, { tensor, data });
    const buffer = this.buffers.get(data);
    if (buffer) {
      buffer.references += 1;
      return;
    }
    const bytes = bytesOf(tensor);
    this.buffers.set(data, { references: 1, bytes });
    this.now += bytes;
    this.most = Math.max(this.most, this.now);
  }

  /** For the interception only. */
  freed(tensor: tf.Tensor): void {
    const known = this.live.get(tensor.id);
    if (!known) {
      return;
    }
    this.live.delete(tensor.id);
    const buffer = this.buffers.get(known.data)!;
    buffer.references -= 1;
    if (buffer.references === 0) {
      this.buffers.delete(known.data);
      this.now -= buffer.bytes;
    }
  }
}

function kindOf(tensor: tf.Tensor): string {
  return `${tensor instanceof tf.Variable ? 'variable' : 'tensor'} [${tensor.shape.join(', ')}]`;
}

function bytesOf({ size, dtype }: tf.Tensor): number {
  return size * (BYTES[dtype] ?? 0);
}

function intercept(): void {
  const engine = tf.engine() as unknown as TensorTracking;
  const track = engine.trackTensor.bind(engine);
  const dispose = engine.disposeTensor.bind(engine);
  engine.trackTensor = (tensor, backend) => {
    track(tensor, backend);
    for (const tracker of running) {
      tracker.made(tensor);
    }
  };
  engine.disposeTensor = (tensor) => {
    dispose(tensor);
    for (const tracker of running) {
      tracker.freed(tensor);
    }
  };
}
