import { existsSync, readFileSync } from 'node:fs';
import { checkArguments, isObject, listOf, PATH, record } from '../core/arguments';
import { messageOf, UserError } from '../core/errors';
import { VOC_CLASSES } from '../data/classes';
import { BACKBONE_STRIDE } from '../model/checkSpec';
import { Detector } from '../model/detector';
import type { DetectorSpec } from '../model/detectorSpec';
import type { BackendInfo } from '../tensor/backend';
import { deviceOf } from './devices';
import { type EstimateOptions, estimateMemory } from './estimate/estimate';

/** A training whose memory is measured. */
export interface CalibrationCase
  extends Required<
      Omit<
        EstimateOptions,
        'device' | 'accumulation' | 'frozenPrefix' | 'recompute' | 'streamed' | 'halfActivations'
      >
    >,
    Pick<EstimateOptions, 'recompute' | 'streamed'> {
  /** Backbone of the network. */
  backbone: DetectorSpec['backbone'];
  /** Head of the network, with two boxes a cell and VOC's classes. */
  head: DetectorSpec['head'];
  /** Side of the input in pixels. */
  inputSize: number;
}

/** A measured case; sizes in bytes. */
export interface CalibrationPoint extends CalibrationCase {
  /** Resident size of the process with the backend and the model loaded. */
  baseline: number;
  /** Largest resident size while training. */
  peak: number;
  /** Most bytes that tensors took at once while training, beside those of the loaded model. */
  tensors: number;
  /** Updates that were done. */
  steps: number;
}

/** All points, with where they were measured. */
export interface CalibrationRecord {
  /** Form of the file. */
  format: 1;
  /** Time of the measurement, in ISO 8601. */
  measured: string;
  /** What computed. */
  backend: Omit<BackendInfo, 'note'>;
  /** Version of Node, such as `20.19.0`. */
  node: string;
  /** Version of this package. */
  code: string;
  /** The measured trainings. */
  points: CalibrationPoint[];
}

/** A measured point beside what the estimate says of it; sizes in bytes above the loaded model. */
export interface CalibrationError {
  /** What was measured. */
  point: CalibrationPoint;
  /** `peak - baseline` of the point. */
  measured: number;
  /** `need - baseline` of the estimate. */
  estimated: number;
  /** `(estimated - measured) / measured`, below 0 where the estimate is too low. */
  error: number;
}

/** The network of a case; makes no variable. */
export function calibrationDetector({
  backbone,
  head,
  inputSize,
}: Pick<CalibrationCase, 'backbone' | 'head' | 'inputSize'>): Detector {
  const map = inputSize / BACKBONE_STRIDE[backbone];
  const gridSize = head === 'fullyConnected' ? 7 : map;
  return new Detector({ backbone, head, inputSize, gridSize, predictors: 2, classes: VOC_CLASSES });
}

const MEASURED = record('a record of measurements', {
  backend: record('the backend'),
  points: listOf('a list of points', isObject),
});

/**
 * The estimate beside the measurement for every point, both above the loaded model.
 *
 * @throws UserError for anything but a record.
 */
export function calibrationErrors(record: CalibrationRecord): CalibrationError[] {
  checkArguments('calibrationErrors', { record }, { record: MEASURED });
  const device = deviceOf(record.backend);
  return record.points.map((point) => {
    const { need, baseline } = estimateMemory(calibrationDetector(point), { ...point, device });
    const measured = point.peak - point.baseline;
    const estimated = need - baseline;
    return { point, measured, estimated, error: (estimated - measured) / measured };
  });
}

/**
 * Read a record.
 *
 * @param file - JSON, as `yolov1 memory calibrate` writes it.
 * @throws UserError if the file is missing, damaged or of another format.
 */
export function readCalibration(file: string): CalibrationRecord {
  checkArguments('readCalibration', { file }, { file: PATH });
  if (!existsSync(file)) {
    throw new UserError(`${file}: no such file; measure with: npx yolov1 memory calibrate`);
  }
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as CalibrationRecord;
    if (found.format !== 1 || !Array.isArray(found.points)) {
      throw new Error(`format ${found.format}, expected 1`);
    }
    return found;
  } catch (error) {
    throw new UserError(
      `${file}: damaged calibration (${messageOf(error)}); measure again: npx yolov1 memory calibrate`,
    );
  }
}
