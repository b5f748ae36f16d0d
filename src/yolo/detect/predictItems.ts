import sharp from 'sharp';
import { plainPlan } from '../data/augment/plan';
import type { DatasetItem } from '../data/devkit';
import { drawInputAside } from '../data/input/inputPool';
import { makeCatalogue } from '../eval/catalogue';
import { type DetectionTable, detectionTable } from '../eval/detectionTable';
import { inputBatches } from './inputBatches';
import type { NamedDetection, TrainedDetector } from './trainedDetector';

/** Options of {@link predictItems}. */
export interface PredictOptions {
  /** Detections need a higher score than this. Default .005: before average precision nothing should be cut off. */
  scoreThreshold?: number;
  /** Called after each batch with the pictures done. */
  onProgress?: (done: number, all: number) => void;
  /** Ends it after the batch under way; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Detections in the pictures of a data set, for an evaluation or result files. Pictures are decoded ahead in other
 * threads. Annotations aren't read, so that test sets without any will do; as in them, boxes are in the pixels as they
 * are stored, without regard to an EXIF orientation.
 *
 * @param items - Such as `loadDataset(...).items`, or those of a devkit's list.
 * @throws {@link UserError} naming the picture that is missing, damaged or no JPEG.
 */
export async function predictItems(
  detector: TrainedDetector,
  items: readonly DatasetItem[],
  { scoreThreshold = 0.005, onProgress, signal }: PredictOptions = {},
): Promise<DetectionTable> {
  const catalogue = makeCatalogue(
    items.map(({ key }) => key),
    detector.classes,
  );
  const found: { key: string; detections: NamedDetection[] }[] = [];
  const load = (item: DatasetItem) => loadInput(item, detector.detector.spec.inputSize);
  for await (const batch of inputBatches(items, load)) {
    signal?.throwIfAborted();
    for (const detections of detector.detectInputs(batch, { scoreThreshold })) {
      found.push({ key: items[found.length].key, detections });
    }
    onProgress?.(found.length, items.length);
  }
  return detectionTable(catalogue, found);
}

async function loadInput({ imagePath, key }: DatasetItem, size: number) {
  // The header is enough to know the size. One that can't be read is told from the rest when the picture is decoded.
  const { width, height } = await sharp(imagePath)
    .metadata()
    .catch(() => ({ width: 1, height: 1 }));
  const { tiles } = plainPlan({ key, width, height });
  const pixels = await drawInputAside({ size, tiles: tiles.map((tile) => ({ ...tile, imagePath })) });
  return { pixels, picture: { key, width, height } };
}
