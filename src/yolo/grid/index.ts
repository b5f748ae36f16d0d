/**
 * Boxes, the grid of targets, and the way from predictions back to boxes.
 *
 * @module yolov1/grid
 */
export { area, type Box, clip } from './box';
export {
  BOX_CODINGS,
  type BoxCoding,
  type BoxCodingName,
  codingOf,
  DISTANCE_CODING,
  type DistanceCoding,
  type GridCoding,
  type PredictionCoding,
} from './coding';
export {
  type DecodeOptions,
  decodeDetections,
  type PictureSize,
  type PredictionArray,
} from './decode/decodeDetections';
export { type NmsOptions, nms } from './decode/nms';
export { decodeBoxes } from './decodeBoxes';
export type { Detection } from './detection';
export { type EncodePredictionsOptions, encodePredictions } from './encodePredictions';
export {
  type Collision,
  type EncodeOptions,
  encodeGrid,
  type GridObject,
  type GridTarget,
  type LostObject,
  objectsOf,
  sliceTarget,
} from './gridTarget';
export { boxIou } from './iou';
export { type OverlapKind, overlap } from './overlap';
