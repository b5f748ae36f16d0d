import { COUNT, checkArguments } from '../../core/arguments';
import type { Picture } from '../picture/picture';
import { requirePicture } from '../picture/requirePicture';
import { IMAGENET_MEAN, normalise } from './normalise';
import { type Frame, resample } from './resample';

/**
 * Makes a network's input of a whole picture, stretched to its square.
 *
 * @param picture - Of any size.
 * @param size - Side of the input in pixels.
 * @returns `[size, size, 3]` values, ImageNet-normalised.
 * @throws UserError for pixels that are no picture, or a size that is not a whole number above 0.
 */
export function toInput(picture: Picture, size: number): Float32Array {
  requirePicture(picture, 'toInput');
  checkArguments('toInput', { size }, { size: COUNT });
  const frame = meanFrame(size);
  const window = { left: 0, top: 0, right: picture.width, bottom: picture.height };
  const place = { left: 0, top: 0, right: size, bottom: size };
  resample(picture, frame, { window, place, flip: false });
  return normalise(frame.data);
}

// The ground that was drawn last; inputs of a training have one size, and copying is twenty times as fast as drawing.
let ground = new Float32Array(0);

/** A square of ImageNet's mean colour, the ground of every input: 0 once it is normalised. */
export function meanFrame(size: number): Frame {
  if (ground.length !== size * size * 3) {
    ground = new Float32Array(size * size * 3);
    for (let i = 0; i < ground.length; i++) ground[i] = IMAGENET_MEAN[i % 3] * 255;
  }
  return { data: ground.slice(), width: size, height: size };
}
