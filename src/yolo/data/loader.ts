import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { COUNT, checkArguments, FLAG, FUNCTION, listOf, record, SEED } from '../core/arguments';
import { UserError } from '../core/errors';
import { Random } from '../core/random';
import { readAhead } from '../core/readAhead';
import type { AnnotatedObject } from './annotation';
import { moveObjects } from './augment/boxes';
import { type AugmentationPlan, plainPlan } from './augment/plan';
import type { AnnotatedItem } from './dataset';
import { drawInputAside } from './input/inputPool';

/** One batch of inputs. */
export interface Batch {
  /** Keys of the pictures; of a mosaic, that of the first. */
  readonly keys: readonly string[];
  /** `[n, size, size, 3]`, float32, ImageNet-normalised. Whoever takes the batch disposes it. */
  readonly images: tf.Tensor4D;
  /** By picture: objects of whose area more than 30 % is in the input, their boxes in it, normalised (0 to 1). */
  readonly objects: readonly (readonly AnnotatedObject[])[];
}

/** Share of an object's area of which more must be left in the input; otherwise it is dropped. */
const MINIMUM_AREA = 0.3;

/** Options of {@link Loader}. */
export interface LoaderOptions {
  /** Side of the square input in pixels. */
  size: number;
  /** Pictures a batch. */
  batchSize: number;
  /** Seed of order and augmentation. Default 0. */
  seed?: number | string;
  /** A new order every epoch; otherwise the data set's. Default false. */
  shuffle?: boolean;
  /** Leave the last batch out if it is not full. Default false. */
  dropLast?: boolean;
  /**
   * Draws what is seen of a picture. Default: the whole picture, stretched.
   *
   * @param random - The picture's own generator in this epoch.
   * @param items - All pictures, for a mosaic.
   */
  plan?: (item: AnnotatedItem, random: Random, items: readonly AnnotatedItem[]) => AugmentationPlan;
  /** Batches that are decoded ahead. Default 2. */
  readAhead?: number;
}

const ITEMS = listOf(
  'a list of one or more annotated pictures, such as the items of a data set',
  (item) => {
    const { key, imagePath, annotation } = Object(item);
    return typeof key === 'string' && typeof imagePath === 'string' && Array.isArray(annotation?.objects);
  },
  1,
);
const OPTIONS = record('the size and the batch size', {
  size: COUNT,
  batchSize: COUNT,
  seed: v.optional(SEED),
  shuffle: v.optional(FLAG),
  dropLast: v.optional(FLAG),
  plan: v.optional(FUNCTION),
  readAhead: v.optional(COUNT),
});

/**
 * Batches of a data set, decoded ahead in other threads.
 *
 * Order and augmentation follow from seed, epoch and key alone: any batch of any epoch can be had again, whatever
 * was loaded before, which is what makes an exact resume possible.
 *
 * ```ts
 * const loader = new Loader(dataset.items, { size: 448, batchSize: 4, shuffle: true });
 * for await (const { images, objects } of loader.epoch(0)) {
 *   // ...
 *   images.dispose();
 * }
 * ```
 */
export class Loader {
  readonly #items: readonly AnnotatedItem[];
  readonly #byKey: ReadonlyMap<string, AnnotatedItem>;
  readonly #options: Required<LoaderOptions>;
  readonly #random: Random;

  /**
   * @param items - Such as `loadDataset(...).items`, one or more.
   * @param options - Size, batches, order and augmentation.
   * @throws UserError without a picture, or for an argument or option of another kind.
   */
  constructor(items: readonly AnnotatedItem[], options: LoaderOptions) {
    checkArguments('Loader', { items, options }, { items: ITEMS, options: OPTIONS });
    this.#items = items;
    this.#byKey = new Map(items.map((item) => [item.key, item]));
    this.#options = {
      seed: 0,
      shuffle: false,
      dropLast: false,
      plan: (item) => plainPlan({ key: item.key, ...item.annotation }),
      readAhead: 2,
      ...options,
    };
    this.#random = new Random(this.#options.seed);
  }

  /** Batches of one epoch. */
  get batchesPerEpoch(): number {
    const { batchSize, dropLast } = this.#options;
    const count = this.#items.length / batchSize;
    return dropLast ? Math.floor(count) : Math.ceil(count);
  }

  /**
   * The batches of one epoch in their order. Leaving the loop early drops what was decoded ahead.
   *
   * @param epoch - Number of the epoch, from 0.
   * @param from - First batch, to go on within an epoch. Default 0.
   * @throws UserError naming the picture that could not be loaded, when its batch is due.
   */
  async *epoch(epoch: number, from = 0): AsyncGenerator<Batch, void, undefined> {
    const random = this.#random.fork(`epoch ${epoch}`);
    const order = this.#options.shuffle ? random.fork('order').shuffled(this.#items) : this.#items;
    const { batchSize, size, readAhead: ahead } = this.#options;
    const load = (batch: number) =>
      this.#decode(order.slice(batch * batchSize, (batch + 1) * batchSize), random);
    for await (const { pixels, ...batch } of readAhead({ from, end: this.batchesPerEpoch, ahead }, load)) {
      yield { ...batch, images: tf.tensor4d(pixels, [batch.keys.length, size, size, 3]) };
    }
  }

  async #decode(items: readonly AnnotatedItem[], random: Random): Promise<DecodedBatch> {
    const { size, plan } = this.#options;
    const plans = items.map((item) => plan(item, random.fork(item.key), this.#items));
    const pictures = await Promise.all(
      plans.map(({ tiles, colour }) =>
        drawInputAside({
          size,
          colour,
          tiles: tiles.map(({ key, ...tile }) => {
            const { imagePath, annotationPath, annotation } = this.#item(key);
            const { width, height, objects } = annotation;
            const annotated = { path: annotationPath, width, height, objects: objects.length };
            return { ...tile, imagePath, annotated };
          }),
        }),
      ),
    );
    const pixels = new Float32Array(items.length * size * size * 3);
    pictures.forEach((picture, index) => {
      pixels.set(picture, index * picture.length);
    });
    const objects = plans.map(({ tiles }) =>
      tiles.flatMap((tile) => moveObjects(this.#item(tile.key).annotation.objects, tile, MINIMUM_AREA)),
    );
    return { keys: items.map(({ key }) => key), pixels, objects };
  }

  #item(key: string): AnnotatedItem {
    const item = this.#byKey.get(key);
    if (!item) throw new UserError(`plan: drew the picture '${key}', expected one of the loader's items`);
    return item;
  }
}

interface DecodedBatch extends Omit<Batch, 'images'> {
  readonly pixels: Float32Array;
}
