import { VOC_CLASSES } from '../data/classes';
import type { CalibrationCase } from '../memory/calibration';
import { Detector } from '../model/detector';

/** The network of a case; makes no variable. */
export function detectorOf({
  backbone,
  head,
  inputSize,
}: Pick<CalibrationCase, 'backbone' | 'head' | 'inputSize'>): Detector {
  const map = inputSize / (backbone === 'resnet18' ? 32 : 64);
  const gridSize = head === 'fullyConnected' ? 7 : map;
  return new Detector({ backbone, head, inputSize, gridSize, predictors: 2, classes: VOC_CLASSES });
}
