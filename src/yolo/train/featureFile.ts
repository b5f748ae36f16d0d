import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import writeFileAtomic from 'write-file-atomic';
import { messageOf, UserError } from '../errors';
import { countOf, type FeatureShape } from '../model/layer';

/** What stands beside the numbers: which pictures in which order, of what shape. */
interface FeatureIndex {
  keys: string[];
  shape: FeatureShape;
}

/** Bytes of a float32. */
const FLOAT = 4;

/**
 * Feature maps of a frozen backbone, float32, one picture after the other in a file, so that training a head reads
 * instead of computing. The index beside the file is written last: without it the features count as absent.
 */
export class FeatureFile {
  private constructor(
    readonly keys: readonly string[],
    readonly shape: FeatureShape,
    private readonly file: FileHandle,
  ) {}

  /** Open a complete file, or undefined where there is none for these keys and this shape. */
  static async open(
    path: string,
    keys: readonly string[],
    shape: FeatureShape,
  ): Promise<FeatureFile | undefined> {
    const wanted: FeatureIndex = { keys: [...keys], shape };
    const index = await readFile(indexPath(path), 'utf8').catch(() => undefined);
    if (index !== JSON.stringify(wanted)) {
      return undefined;
    }
    const size = await stat(path).then(
      (info) => info.size,
      () => -1,
    );
    return size === keys.length * countOf(shape) * FLOAT
      ? new FeatureFile(keys, shape, await open(path, 'r'))
      : undefined;
  }

  /**
   * Write a file from batches of feature maps that come in the order of the keys, then open it.
   *
   * @param batches - Tensors `[N, ...shape]`; this function disposes them.
   * @throws UserError if the folder can't be written.
   */
  static async create(
    path: string,
    keys: readonly string[],
    shape: FeatureShape,
    batches: AsyncIterable<tf.Tensor>,
  ): Promise<FeatureFile> {
    const fresh = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await rm(indexPath(path), { force: true });
      const file = await open(fresh, 'w');
      try {
        for await (const batch of batches) {
          const values = await batch.data();
          batch.dispose();
          await file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
      await writeFileAtomic(
        indexPath(path),
        JSON.stringify({ keys, shape } satisfies Record<string, unknown>),
      );
    } catch (error) {
      await rm(fresh, { force: true });
      if (error instanceof UserError || (error as NodeJS.ErrnoException).code === undefined) {
        throw error;
      }
      throw new UserError(
        `${path}: cannot keep features (${messageOf(error)}); free space or set YOLOV1_CACHE to another folder`,
      );
    }
    const opened = await FeatureFile.open(path, keys, shape);
    if (!opened) {
      throw new Error(`${path}: batches hold other pictures than the ${keys.length} keys`);
    }
    return opened;
  }

  /**
   * Feature maps of some pictures.
   *
   * @param indices - Positions in `keys`.
   * @returns `[indices.length, ...shape]`; the caller disposes it.
   */
  async read(indices: readonly number[]): Promise<tf.Tensor4D> {
    const count = countOf(this.shape);
    const values = new Float32Array(indices.length * count);
    await Promise.all(
      indices.map((index, n) =>
        this.file.read(
          new Uint8Array(values.buffer, n * count * FLOAT, count * FLOAT),
          0,
          count * FLOAT,
          index * count * FLOAT,
        ),
      ),
    );
    return tf.tensor4d(values, [indices.length, ...this.shape] as [number, number, number, number]);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

function indexPath(path: string): string {
  return `${path}.index.json`;
}
