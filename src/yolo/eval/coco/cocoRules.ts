// The sums below, not their decimal values: pycocotools makes its steps by these operations, and an IoU or a recall
// that lies on a step must fall on the same side of it.

/** IoU from which an object counts as found: .50, .55, ... .95. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, step) =>
  step === 9 ? 0.95 : 0.5 + step * ((0.95 - 0.5) / 9),
);

/** Recall at which precision is read: 0, .01, ... 1. */
export const RECALL_POINTS: readonly number[] = Array.from({ length: 101 }, (_, step) =>
  step === 100 ? 1 : step * 0.01,
);

/** Square pixels, both ends included: all, small, medium, large. */
export const AREA_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0, 1e5 ** 2],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e5 ** 2],
];

/** Numbers of detections a picture and class, the most confident ones, at which recall is read; the last one caps all figures. */
export const DETECTION_LIMITS: readonly number[] = [1, 10, 100];
