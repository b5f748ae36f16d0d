import type { Batch } from 'yolov1';
import { Loader, loadDataset } from 'yolov1';
import { type AnnotatedObject, encodePicture, findSource, generateScene } from 'yolov1/data';
import type { ShownPicture } from './picture';
import { scenes } from './run/experiments';

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

/**
 * A batch of generated scenes as a training gets it, with the names of its classes.
 *
 * @param size - Side of the input, pixels.
 * @returns The caller disposes `batch.images`.
 */
export async function sceneBatch(
  pictures: number,
  size: number,
): Promise<{ batch: Batch; classes: readonly string[] }> {
  const { items, classes } = await loadDataset([findSource('Scenes/train', { dataFolder: await scenes() })]);
  const loader = new Loader(items, { size, batchSize: pictures, seed: 1, shuffle: true });
  for await (const batch of loader.epoch(0)) return { batch, classes };
  throw new RangeError(`sceneBatch: pictures is ${pictures}, expected a whole number above 0`);
}
