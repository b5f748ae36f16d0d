import { toInput } from '../data/input/toInput';
import type { Picture } from '../data/picture/picture';
import { type DetectOptions, detectInputs, type NamedDetection } from '../detect/detectInputs';
import type { DetectorFiles } from '../detect/detectorFiles';
import { codingOf, type PredictionCoding } from '../grid/coding';
import { Detector } from '../model/detector';
import type { DetectorSpec } from '../model/detectorSpec';
import { assignWeights } from '../model/weights/assignWeights';
import { parseSafetensors, type StoredTensors } from '../model/weights/parseSafetensors';

const WEIGHTS = 'weights.safetensors';

/** A stored network as a page uses it: the same classes compute what they compute in Node, on whatever backend is current. */
export class PageDetector {
  readonly #stored: StoredTensors;
  readonly #spec: DetectorSpec;
  readonly #coding: PredictionCoding;
  #detector: Detector | undefined;

  /** @throws {@link UserError} for files that are no detector. */
  constructor({ about, weights }: DetectorFiles) {
    this.#spec = about.spec;
    this.#coding = codingOf(about.coding);
    this.#stored = parseSafetensors(weights, WEIGHTS);
  }

  /** Puts the network onto the current backend, and takes it from the one before. */
  start(): void {
    this.dispose();
    const detector = new Detector(this.#spec);
    detector.initialise();
    assignWeights(this.#stored.tensors, WEIGHTS, detector);
    detector.fold();
    this.#detector = detector;
  }

  /**
   * What is in a picture.
   *
   * @returns Detections by descending score, boxes in pixels of the picture.
   * @throws Error before {@link PageDetector.start}.
   */
  async detect(picture: Picture, options: DetectOptions): Promise<NamedDetection[]> {
    if (!this.#detector) throw new Error('PageDetector: start() comes before detect()');
    const { width, height } = picture;
    const batch = { pixels: toInput(picture, this.#spec.inputSize), pictures: [{ width, height }] };
    return (await detectInputs(this.#detector, this.#coding, batch, options))[0];
  }

  dispose(): void {
    this.#detector?.dispose();
    this.#detector = undefined;
  }
}
