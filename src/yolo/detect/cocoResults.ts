import type { Detection } from '../grid/detection';

/** A detection as COCO's result files hold it. */
export interface CocoResultEntry {
  /** Name of the picture's file without its ending; a number where that is one, as in COCO's own sets. */
  image_id: number | string;
  /** Place of the class among the network's, from 1. */
  category_id: number;
  /** Left, top, width, height in pixels, to a hundredth. */
  bbox: [number, number, number, number];
  /** 0..1. */
  score: number;
}

/**
 * Detections of one picture in the form of COCO's result files (cocodataset.org, "Results Format").
 *
 * @param id - The picture's id, such as its file's name without the ending.
 */
export function cocoResults(id: string, detections: readonly Detection[]): CocoResultEntry[] {
  const pixels = (value: number) => Math.round(value * 100) / 100;
  const imageId = /^\d{1,15}$/.test(id) ? Number(id) : id;
  return detections.map(({ classIndex, score, box: { left, top, right, bottom } }) => ({
    image_id: imageId,
    category_id: classIndex + 1,
    bbox: [pixels(left), pixels(top), pixels(right - left), pixels(bottom - top)],
    score,
  }));
}
