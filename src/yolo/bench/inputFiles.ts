import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeEvaluationWork, makeNmsWork } from './evaluationWork';

/** Boxes for non-maximum suppression, and how often a repetition suppresses. */
export interface NmsFile {
  /** Left, top, right, bottom of each. */
  boxes: number[];
  scores: number[];
  classes: number[];
  calls: number;
}

/** Both contestants read the same boxes. */
export function writeNmsFile(
  path: string,
  { boxes, objects, classes, calls }: Record<'boxes' | 'objects' | 'classes' | 'calls', number>,
): void {
  const made = makeNmsWork(boxes, objects, classes);
  const file: NmsFile = {
    boxes: [...made.boxes],
    scores: [...made.scores],
    classes: [...made.classes],
    calls,
  };
  writeFileSync(path, JSON.stringify(file));
}

/** The made-up evaluation work for pycocotools: `objects.json`, and seven float64 a detection in `detections.f64`. */
export function writeCocoFiles(folder: string): void {
  const { groundTruth, detections } = makeEvaluationWork();
  const { keys, classes } = groundTruth.index;
  const box = (boxes: Float64Array, row: number) => {
    const [left, top, right, bottom] = boxes.subarray(4 * row, 4 * row + 4);
    return [left, top, right - left, bottom - top];
  };
  const annotations = Array.from({ length: groundTruth.length }, (_, row) => {
    const bbox = box(groundTruth.boxes, row);
    return {
      id: row + 1,
      image_id: groundTruth.picture[row] + 1,
      category_id: groundTruth.classIndex[row] + 1,
      bbox,
      area: bbox[2] * bbox[3],
      difficult: groundTruth.difficult[row],
      iscrowd: 0,
    };
  });
  const images = keys.map((_, index) => ({ id: index + 1 }));
  const categories = classes.map((name, index) => ({ id: index + 1, name }));
  writeFileSync(join(folder, 'objects.json'), JSON.stringify({ images, categories, annotations }));
  const rows = new Float64Array(7 * detections.length);
  for (let row = 0; row < detections.length; row++) {
    const picture = detections.picture[row] + 1;
    rows.set(
      [picture, ...box(detections.boxes, row), detections.score[row], detections.classIndex[row] + 1],
      7 * row,
    );
  }
  writeFileSync(join(folder, 'detections.f64'), rows);
}
