export { area, type Box, clip } from './box/box';
export type { AnnotatedObject, Annotation } from './data/annotation';
export { UserError } from './errors';
export type { Detection } from './eval/detection';
