import { messageOf, UserError } from '../core/errors';
import { plainPlan } from '../data/augment/plan';
import { drawInputAside } from '../data/input/inputPool';
import { readPictureHeader, uprightSize } from '../data/picture/pictureHeader';
import type { DetectOptions, NamedDetection } from './detectInputs';
import { inputBatches } from './inputBatches';
import type { PictureSource } from './pictureSources';
import type { TrainedDetector } from './trainedDetector';

/** What was found in one picture, or the reason why it could not be looked at. */
export type FileDetections = { readonly source: PictureSource } & (
  | {
      /** Size of the picture as it is seen upright. */
      readonly width: number;
      readonly height: number;
      readonly detections: NamedDetection[];
    }
  | { readonly error: string }
);

/**
 * Looks at picture files one batch after the other, in their order, while threads decode the pictures of the next. A
 * file's EXIF orientation is followed. A picture that can't be read does not end it.
 */
export async function* detectFiles(
  detector: TrainedDetector,
  sources: readonly PictureSource[],
  options: DetectOptions = {},
): AsyncGenerator<FileDetections, void, undefined> {
  const size = detector.detector.spec.inputSize;
  const errors = new Map<PictureSource, string>();
  const load = async (source: PictureSource) => {
    try {
      return await loadInput(source, size);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.set(source, messageOf(error));
      // An empty input keeps the place of the picture in its batch.
      return { pixels: new Float32Array(size * size * 3), picture: { width: 1, height: 1 } };
    }
  };
  let place = 0;
  for await (const batch of inputBatches(sources, load)) {
    const found = await detector.detectInputs(batch, options);
    for (const [index, { width, height }] of batch.pictures.entries()) {
      const source = sources[place++];
      const error = errors.get(source);
      yield error === undefined ? { source, width, height, detections: found[index] } : { source, error };
    }
  }
}

async function loadInput(source: PictureSource, size: number) {
  if ('error' in source) throw new UserError(source.error);
  const { name, path } = source;
  try {
    const { width, height } = uprightSize(await readPictureHeader(path));
    const { tiles } = plainPlan({ key: name, width, height });
    const pixels = await drawInputAside({ size, tiles: tiles.map((tile) => ({ ...tile, imagePath: path })) });
    return { pixels, picture: { key: name, width, height } };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Errors call a picture by its path, which for an address is that of the copy.
    throw new UserError(messageOf(error).replaceAll(path, name));
  }
}
