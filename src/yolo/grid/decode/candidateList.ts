/** Boxes of one picture with class and score; the arrays serve one picture after the other. */
export class CandidateList {
  readonly #boxes: Float64Array;
  readonly #scores: Float64Array;
  readonly #classIndex: Int32Array;
  /** Left, top, right, bottom of the box that {@link push} adds, normalised. */
  protected readonly edges = new Float64Array(4);
  #count = 0;

  /** @param capacity - Most boxes of a picture. */
  constructor(capacity: number) {
    this.#boxes = new Float64Array(4 * capacity);
    this.#scores = new Float64Array(capacity);
    this.#classIndex = new Int32Array(capacity);
  }

  /** Left, top, right, bottom of each candidate, normalised, shape [4n]. */
  get boxes(): Float64Array {
    return this.#boxes.subarray(0, 4 * this.#count);
  }

  get scores(): Float64Array {
    return this.#scores.subarray(0, this.#count);
  }

  get classIndex(): Int32Array {
    return this.#classIndex.subarray(0, this.#count);
  }

  protected clear(): void {
    this.#count = 0;
  }

  protected hasArea(): boolean {
    return this.edges[0] < this.edges[2] && this.edges[1] < this.edges[3];
  }

  protected push(score: number, classIndex: number): void {
    const i = this.#count++;
    this.#scores[i] = score;
    this.#classIndex[i] = classIndex;
    for (let edge = 0; edge < 4; edge++) this.#boxes[4 * i + edge] = this.edges[edge];
  }
}
