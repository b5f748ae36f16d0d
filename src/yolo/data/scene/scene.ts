import sharp from 'sharp';
import type { Annotation } from '../annotation';
import type { Picture } from '../picture/picture';
import { drawScene, type SceneOptions } from './sceneDrawing';

export type { SceneOptions } from './sceneDrawing';

/** A generated picture and what is in it. */
export interface Scene {
  /** The pixels. */
  readonly picture: Picture;
  /** Its size, and its objects with boxes in pixels. */
  readonly annotation: Annotation;
}

/**
 * A picture of coloured shapes on textured ground, for machines without data, for tests and for figures.
 *
 * One to six objects, each wholly in the picture and with a box that is tight to the pixel. One whose shorter side is
 * less than 9 % of the picture's is marked difficult.
 *
 * @param seed - Equal seeds and options give equal pictures (on the same version of libvips).
 * @param options - Id and size.
 * @throws UserError for a side that is not a whole number above 0.
 */
export async function generateScene(seed: number | string, options: SceneOptions = {}): Promise<Scene> {
  const { ground, svg, annotation } = drawScene(seed, options);
  const { width, height } = annotation;
  const data = await sharp(ground, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { picture: { data, width, height }, annotation };
}
