import type { Batch } from 'yolov1';
import { Loader, loadDataset } from 'yolov1';
import {
  type AnnotatedObject,
  CROP_EXPAND_AUGMENTATION,
  denormalise,
  encodePicture,
  findSource,
  generateScene,
  type LoaderOptions,
  moveObjects,
  planAugmentation,
} from 'yolov1/data';
import type { ShownPicture } from './picture';
import { scenes } from './run/experiments';

/** Which mosaic of its batch is shown, one whose four scenes can be told apart, and its side in pixels. */
const MOSAIC = { place: 3, side: 448 };

/** A picture that may be shown anywhere, with its objects. */
export interface Example {
  picture: ShownPicture;
  /** Boxes in pixels of the picture. */
  objects: readonly AnnotatedObject[];
}

/** The generated scene that figures explain things on. */
export async function exampleScene(): Promise<Example> {
  const { picture, annotation } = await generateScene('scene 6');
  const { width, height, objects } = annotation;
  return { picture: { width, height, file: await encodePicture(picture, 'jpeg') }, objects };
}

/** Four generated scenes as one input of a training with mosaics, with what is left of their objects. */
export async function exampleMosaic(): Promise<Example> {
  const augmentation = { ...CROP_EXPAND_AUGMENTATION, mosaic: 1 };
  const { batch } = await sceneBatch(MOSAIC.place + 1, MOSAIC.side, (item, random, items) =>
    planAugmentation(augmentation, item, random, items),
  );
  const values = await batch.images.data();
  batch.images.dispose();
  const data = Uint8Array.from(denormalise(values.subarray(-3 * MOSAIC.side ** 2)));
  const size = { width: MOSAIC.side, height: MOSAIC.side };
  const window = { left: 0, top: 0, right: 1, bottom: 1 };
  const place = { left: 0, top: 0, right: MOSAIC.side, bottom: MOSAIC.side };
  const objects = moveObjects(batch.objects[MOSAIC.place], { window, place, flip: false }, 0);
  return { picture: { ...size, file: await encodePicture({ ...size, data }, 'jpeg') }, objects };
}

/**
 * A batch of generated scenes as a training gets it, with the names of its classes.
 *
 * @param size - Side of the input, pixels.
 * @param plan - Draws what is seen of a picture. Default: the whole picture, stretched.
 * @returns The caller disposes `batch.images`.
 */
export async function sceneBatch(
  pictures: number,
  size: number,
  plan?: LoaderOptions['plan'],
): Promise<{ batch: Batch; classes: readonly string[] }> {
  const { items, classes } = await loadDataset([findSource('Scenes/train', { dataFolder: await scenes() })]);
  const options = { size, batchSize: pictures, seed: 1, shuffle: true };
  const loader = new Loader(items, plan ? { ...options, plan } : options);
  for await (const batch of loader.epoch(0)) return { batch, classes };
  throw new RangeError(`sceneBatch: pictures is ${pictures}, expected a whole number above 0`);
}
