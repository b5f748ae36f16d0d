/**
 * The networks that are measured, at 448 pixels, with 2 predictors and 20 classes: the original's two, and ResNet18
 * with a convolutional head.
 */
export type NetworkName = 'baseline' | 'resnet18' | 'resnet18-conv';

/**
 * One piece of work, in words that both contestants understand; it goes to their processes as JSON.
 *
 * - `forward`: inference with BatchNorm folded into the convolutions.
 * - `frozen`: forward and backward, BatchNorm constant; all other parameters get their gradients.
 * - `batch`: forward and backward, BatchNorm on the batch's statistics, every parameter gets its gradient.
 * - `update`: one Adam step with weight decay 5e-4 (the original's) for all parameters.
 *   What goes backward is the mean of the squared outputs: its own cost is nothing.
 * - `loading`: the first pictures of a VOC list decoded, stretched to 448 and normalised, in batches of 16.
 * - `training`: updates of ResNet18 with a convolutional head on photographs, everything trained, decoding included.
 * - `nms`: suppression in the boxes of a file (see `NmsFile`).
 * - `evaluation`: figures of made-up detections at VOC2007 test's size; the peer reads them from files in `folder`.
 */
export type Work =
  | { kind: 'forward' | 'frozen' | 'batch' | 'update'; network: NetworkName; batch: number }
  | { kind: 'loading'; folder: string; split: string; pictures: number }
  | { kind: 'training'; folder: string; split: string; batch: number }
  | { kind: 'nms'; file: string }
  | { kind: 'evaluation'; rules: 'voc' | 'coco'; folder: string };

/** What is measured and how often. */
export interface Measurement {
  readonly name: string;
  readonly work: Work;
  /** Pictures that one repetition handles (`nms`: calls). */
  readonly count: number;
  /** Repetitions that are not counted. */
  readonly warmUps: number;
  /** Least number of repetitions; there are more, up to {@link MOST_REPETITIONS}, while time is left. */
  readonly repetitions: number;
  /** Convolutions in bfloat16, on both sides. */
  readonly bfloat16?: boolean;
  /** Without the peer: it has no such work. */
  readonly alone?: boolean;
}

/** Enough for a steady median. */
export const MOST_REPETITIONS = 9;

/** Seconds after which no repetition beyond the least number begins. */
export const SECONDS_A_MEASUREMENT = 20;
