import { readFileSync } from 'node:fs';
import { type CalibrationError, calibrationErrors, readCalibration } from 'yolov1/memory';
import { recordInput } from '../notebook/inputs';

/** What a benchmark of a graphics card found, as its file in `report/bench` holds it. */
export interface Speeds {
  /** Pictures at once, ascending. */
  batches: number[];
  /** Median milliseconds a picture at each of {@link batches}, by the kind of work and by who did it. */
  milliseconds: Readonly<Record<string, Readonly<Record<'this library' | 'PyTorch', number[]>>>>;
  /** How far the loss of a training on the card is from the processor's after each update, as a share of it. */
  drift: number[];
}

interface Timed {
  readonly work: { readonly kind: string; readonly batch: number };
  readonly ours: { readonly median: number };
  readonly peer: { readonly median: number };
}

/**
 * Reads a benchmark of a graphics card, and notes that the notebook rests on it.
 *
 * @param path - Such as `../report/bench/gpu.json`.
 * @throws Error if the file is missing or no JSON.
 */
export function speeds(path: string): Speeds {
  recordInput(path);
  const { results, training } = JSON.parse(readFileSync(path, 'utf8'));
  const timed = [...(results as Timed[])].sort((a, b) => a.work.batch - b.work.batch);
  const of = (kind: string, side: 'ours' | 'peer') =>
    timed.filter(({ work }) => work.kind === kind).map((one) => (1e3 * one[side].median) / one.work.batch);
  const kinds = [...new Set(timed.map(({ work }) => work.kind))];
  return {
    batches: [...new Set(timed.map(({ work }) => work.batch))],
    milliseconds: Object.fromEntries(
      kinds.map((kind) => [kind, { 'this library': of(kind, 'ours'), PyTorch: of(kind, 'peer') }]),
    ),
    drift: training.webgpu.map((loss: number, k: number) => Math.abs(loss / training.tensorflow[k] - 1)),
  };
}

/**
 * Reads what trainings took, estimates each again, and notes that the notebook rests on the file.
 *
 * @param path - Such as `../report/bench/memory.json`.
 * @throws UserError if the file is not one of measured trainings.
 */
export function calibration(path: string): CalibrationError[] {
  recordInput(path);
  return calibrationErrors(readCalibration(path));
}
