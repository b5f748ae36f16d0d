export { area, type Box, clip } from './box/box';
export { boxIou, iouAt } from './box/iou';
export { type NmsOptions, nms } from './box/nms';
export type { AnnotatedObject, Annotation } from './data/annotation';
export { UserError } from './errors';
export { type ApRule, averagePrecision } from './eval/averagePrecision';
export { type Catalogue, makeCatalogue } from './eval/catalogue';
export type { Detection } from './eval/detection';
export { type DetectionTable, DetectionTableBuilder, detectionTable } from './eval/detectionTable';
export {
  type AnnotatedPicture,
  countObjects,
  type GroundTruthTable,
  groundTruthTable,
} from './eval/groundTruthTable';
export { type PrecisionRecall, precisionRecall } from './eval/precisionRecall';
export { evaluateVoc, type VocClassResult, type VocOptions, type VocResult } from './eval/voc';
export { FALSE_POSITIVE, IGNORED, type Judged, judge, TRUE_POSITIVE } from './eval/vocMatch';
