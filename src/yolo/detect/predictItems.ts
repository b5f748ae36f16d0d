import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { allOptional, checkArguments, FLAG, FUNCTION, listOf, SIGNAL } from '../core/arguments';
import { numberFrom } from '../core/form';
import { readAnnotationXml } from '../data/annotationXml';
import { plainPlan } from '../data/augment/plan';
import type { DatasetItem } from '../data/devkit';
import { drawInputAside } from '../data/input/inputPool';
import type { AnnotatedSize } from '../data/picture/annotatedPicture';
import { readPictureHeader, uprightSize } from '../data/picture/pictureHeader';
import { decodeText } from '../data/textFile';
import { type DetectionTable, detectionTable } from '../eval/table/detectionTable';
import { evaluationIndex } from '../eval/table/evaluationIndex';
import type { NamedDetection } from './detectInputs';
import { inputBatches } from './inputBatches';
import { TrainedDetector } from './trainedDetector';

/** Options of {@link predictItems}. */
export interface PredictOptions {
  /** Detections need a higher score than this. Default .005: before average precision nothing should be cut off. */
  scoreThreshold?: number;
  /** Look at each picture mirrored as well; see {@link DetectOptions}. Default false. */
  flip?: boolean;
  /** Called after each batch with the pictures done, and the number of all. */
  onProgress?: (done: number, all: number) => void;
  /** Ends it after the batch under way; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

const ARGUMENTS = {
  detector: v.instance(TrainedDetector, 'a TrainedDetector'),
  items: listOf('a list of pictures, such as the items of a data set', (item) => {
    const { key, imagePath } = Object(item);
    return typeof key === 'string' && typeof imagePath === 'string';
  }),
  options: allOptional({
    ...{ scoreThreshold: numberFrom(0), flip: FLAG },
    ...{ onProgress: FUNCTION, signal: SIGNAL },
  }),
};

/**
 * Detections in the pictures of a data set, for an evaluation or result files. Pictures are decoded ahead in other
 * threads. No annotation is needed: a picture with an EXIF orientation is looked at as its annotation was made, else
 * upright, and boxes are in the pixels of that view.
 *
 * @param detector - Its own score cut plays no part.
 * @param items - Such as `loadDataset(...).items`, or those of a devkit's list.
 * @returns All detections; its index numbers the pictures by their sorted keys, as that of `groundTruthTable` does.
 * @throws UserError naming the picture that is missing or damaged.
 */
export async function predictItems(
  detector: TrainedDetector,
  items: readonly DatasetItem[],
  options: PredictOptions = {},
): Promise<DetectionTable> {
  checkArguments('predictItems', { detector, items, options }, ARGUMENTS);
  const { scoreThreshold = 0.005, flip, onProgress, signal } = options;
  const index = evaluationIndex(
    items.map(({ key }) => key),
    detector.classes,
  );
  const found: { key: string; detections: NamedDetection[] }[] = [];
  const load = (item: DatasetItem) => loadInput(item, detector.detector.spec.inputSize);
  for await (const batch of inputBatches(items, load)) {
    signal?.throwIfAborted();
    for (const detections of await detector.detectInputs(batch, { scoreThreshold, flip })) {
      found.push({ key: items[found.length].key, detections });
    }
    onProgress?.(found.length, items.length);
  }
  return detectionTable(index, found);
}

async function loadInput(item: DatasetItem, size: number) {
  const { key, imagePath } = item;
  const view = await viewOf(item);
  const { tiles } = plainPlan({ key, width: view.width, height: view.height });
  const { annotated } = view;
  const pixels = await drawInputAside({
    size,
    tiles: tiles.map((tile) => ({ ...tile, imagePath, ...(annotated ? { annotated } : {}) })),
  });
  return { pixels, picture: { key, width: view.width, height: view.height } };
}

/** How a picture is looked at. An annotation is asked only about one that its EXIF orientation turns. */
async function viewOf({ imagePath, annotationPath }: DatasetItem): Promise<{
  width: number;
  height: number;
  annotated?: AnnotatedSize;
}> {
  // The header is enough to know the size. One that can't be read is told from the rest when the picture is decoded.
  const header = await readPictureHeader(imagePath).catch(() => undefined);
  if (!header) return { width: 1, height: 1 };
  const annotated = header.orientation === 1 ? undefined : await readAnnotatedSize(annotationPath);
  return annotated ? { ...annotated, annotated } : uprightSize(header);
}

/** What the annotation says of its picture, undefined where there is none: test sets have none. */
async function readAnnotatedSize(path: string): Promise<AnnotatedSize | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes) return undefined;
  const { size, objects } = readAnnotationXml(decodeText(bytes, path), path);
  if (size?.width === undefined || size.height === undefined) return undefined;
  return { path, width: size.width, height: size.height, objects: objects.length };
}
