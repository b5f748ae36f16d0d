import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { explaining, UserError } from '../../core/errors';
import { hashOf } from '../../core/hashOf';
import { removeUnfinished, unfinishedName } from '../../core/unfinished';
import { writeWholeFile } from '../../core/wholeFile';
import type { AnnotatedObject } from '../../data/annotation';
import type { Batch } from '../../data/loader';
import { countOf, type FeatureShape } from '../../model/layers/layer';

/** Description that stands beside the numbers. */
interface FeatureIndex {
  /** Name of the file that it is of. */
  file: string;
  /** Picture of each feature map, in the file's order. */
  keys: string[];
  /** Its objects as this view of the picture shows them, normalised. */
  objects: AnnotatedObject[][];
  /** CRC-32 of its bytes. */
  checksums: number[];
  shape: FeatureShape;
}

/** Bytes of a float32. */
const FLOAT = 4;

/**
 * Feature maps of a frozen backbone, float32, one picture after the other in a file, so that training a head reads
 * instead of computing. The index beside the file is written last: without it, or with one that is not as it was
 * written, the features count as absent.
 */
export class FeatureFile {
  private constructor(
    private readonly path: string,
    private readonly index: Readonly<FeatureIndex>,
    private readonly file: FileHandle,
  ) {}

  /** Open a complete file, or undefined where there is none. @throws UserError if it can't be opened. */
  static async open(path: string): Promise<FeatureFile | undefined> {
    const index = await readIndex(path);
    const size = await stat(path).then(
      (info) => info.size,
      () => -1,
    );
    return index && size === index.keys.length * countOf(index.shape) * FLOAT
      ? new FeatureFile(path, index, await openFile(path))
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
    const index: FeatureIndex = { file: basename(path), keys: [], objects: [], checksums: [], shape };
    const fresh = unfinishedName(path);
    try {
      await keeping(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        await removeUnfinished(path);
        await removeUnfinished(indexPath(path));
      });
      const file = await keeping(path, () => open(fresh, 'w'));
      try {
        for await (const { keys, objects, images } of batches) {
          const values = await images.data();
          images.dispose();
          const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
          await keeping(path, () => file.appendFile(bytes));
          const size = bytes.byteLength / keys.length;
          keys.forEach((key, n) => {
            index.keys.push(key);
            index.objects.push([...objects[n]]);
            index.checksums.push(crc32(bytes.subarray(n * size, (n + 1) * size)));
          });
        }
        await keeping(path, () => file.sync());
      } finally {
        await keeping(path, () => file.close());
      }
      await keeping(path, async () => {
        await rename(fresh, path);
        await writeWholeFile(indexPath(path), JSON.stringify({ ...index, hash: hashOf(index) }));
      });
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => undefined);
      throw error;
    }
    return new FeatureFile(path, index, await openFile(path));
  }

  /** Picture of each feature map, in the file's order. */
  get keys(): readonly string[] {
    return this.index.keys;
  }

  /**
   * Feature maps of some pictures, as a batch.
   *
   * @param indices - Positions in `keys`.
   * @returns `images` is `[indices.length, ...shape]`; the caller disposes it.
   * @throws UserError if they can't be read or are not what was written; then they are dropped, to be computed anew.
   */
  async read(indices: readonly number[]): Promise<Batch> {
    const { keys, objects, shape } = this.index;
    const count = countOf(shape);
    const values = new Float32Array(indices.length * count);
    await Promise.all(
      indices.map((index, n) =>
        this.readOne(index, new Uint8Array(values.buffer, n * count * FLOAT, count * FLOAT)),
      ),
    );
    return {
      keys: indices.map((index) => keys[index]),
      objects: indices.map((index) => objects[index]),
      images: tf.tensor4d(values, [indices.length, ...shape] as [number, number, number, number]),
    };
  }

  /** Nothing was written, so nothing is lost if it can't be closed. */
  async close(): Promise<void> {
    await this.file.close().catch(() => undefined);
  }

  private async readOne(index: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength; ) {
      const place = index * bytes.byteLength + done;
      const { bytesRead } = await explaining(
        `${this.path}: cannot read features`,
        'check the disk, or delete the file to compute them anew',
        () => this.file.read(bytes, done, bytes.byteLength - done, place),
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    if (crc32(bytes) !== this.index.checksums[index]) {
      await rm(indexPath(this.path), { force: true }).catch(() => undefined);
      throw new UserError(
        `${this.path}: features of ${this.index.keys[index]} are not as they were written; ` +
          'start again (or go on with --resume), then they are computed anew',
      );
    }
  }
}

/** The index as it was written, or undefined where it is gone, damaged or of another file. */
async function readIndex(path: string): Promise<FeatureIndex | undefined> {
  try {
    const { hash, ...index } = JSON.parse(await readFile(indexPath(path), 'utf8'));
    return hash === hashOf(index) && index.file === basename(path) ? index : undefined;
  } catch {
    return undefined;
  }
}

function openFile(path: string): Promise<FileHandle> {
  return explaining(`${path}: cannot read features`, 'check permission', () => open(path, 'r'));
}

function keeping<T>(path: string, work: () => Promise<T>): Promise<T> {
  return explaining(
    `${path}: cannot keep features`,
    'free space or set YOLOV1_CACHE to another folder',
    work,
  );
}

function indexPath(path: string): string {
  return `${path}.index.json`;
}
