/**
 * Archives of VOC and weights from their hosts.
 *
 * @module yolov1/fetch
 */
export { VOC_SETS, type VocArchive, type VocSet } from './catalogue';
export type { FetchOptions } from './fetchOptions';
export { type FetchedWeights, fetchResnet18 } from './fetchResnet18';
export { type FetchedVoc, fetchVoc } from './fetchVoc';
export type { FetchProgress } from './progress';
