import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { AnnotatedObject } from '../data/annotation';
import type { Batch } from '../data/loader';
import { messageOf, UserError } from '../errors';
import { countOf, type FeatureShape } from '../model/layer';
import { writeWholeFile } from '../wholeFile';

/** What stands beside the numbers. */
interface FeatureIndex {
  /** Which picture each feature map is of, in the file's order. */
  keys: string[];
  /** Its objects as this view of the picture shows them, normalised. */
  objects: AnnotatedObject[][];
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
    readonly objects: readonly (readonly AnnotatedObject[])[],
    readonly shape: FeatureShape,
    private readonly file: FileHandle,
  ) {}

  /** Open a complete file, or undefined where there is none. */
  static async open(path: string): Promise<FeatureFile | undefined> {
    const text = await readFile(indexPath(path), 'utf8').catch(() => undefined);
    const size = await stat(path).then(
      (info) => info.size,
      () => -1,
    );
    if (text === undefined || size < 0) {
      return undefined;
    }
    const { keys, objects, shape } = JSON.parse(text) as FeatureIndex;
    return size === keys.length * countOf(shape) * FLOAT
      ? new FeatureFile(keys, objects, shape, await open(path, 'r'))
      : undefined;
  }

  /**
   * Write a file, then open it.
   *
   * @param batches - Batches whose `images` are feature maps `[N, ...shape]`; this function disposes them.
   * @throws UserError if the folder can't be written. Whatever `batches` throws comes through, and no file is left.
   */
  static async create(
    path: string,
    shape: FeatureShape,
    batches: AsyncIterable<Batch>,
  ): Promise<FeatureFile> {
    const index: FeatureIndex = { keys: [], objects: [], shape };
    const fresh = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await rm(indexPath(path), { force: true });
      const file = await open(fresh, 'w');
      try {
        for await (const { keys, objects, images } of batches) {
          const values = await images.data();
          images.dispose();
          await file.appendFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
          index.keys.push(...keys);
          index.objects.push(...objects.map((list) => [...list]));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
      await writeWholeFile(indexPath(path), JSON.stringify(index));
    } catch (error) {
      await rm(fresh, { force: true });
      if (error instanceof UserError || (error as NodeJS.ErrnoException).code === undefined) {
        throw error;
      }
      throw new UserError(
        `${path}: cannot keep features (${messageOf(error)}); free space or set YOLOV1_CACHE to another folder`,
      );
    }
    return (await FeatureFile.open(path))!;
  }

  /**
   * Feature maps of some pictures, as a batch.
   *
   * @param indices - Positions in `keys`.
   * @returns `images` is `[indices.length, ...shape]`; the caller disposes it.
   */
  async read(indices: readonly number[]): Promise<Batch> {
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
    return {
      keys: indices.map((index) => this.keys[index]),
      objects: indices.map((index) => this.objects[index]),
      images: tf.tensor4d(values, [indices.length, ...this.shape] as [number, number, number, number]),
    };
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

function indexPath(path: string): string {
  return `${path}.index.json`;
}
