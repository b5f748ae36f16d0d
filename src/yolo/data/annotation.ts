import type { Box } from '../grid/box';

/** One annotated object of a picture. */
export interface AnnotatedObject {
  /** Class name as the annotation writes it. */
  name: string;
  /** Edges in pixels of the picture, or normalised (0 to 1) to the input in a batch; see {@link Box}. */
  box: Box;
  /** VOC's `difficult` flag: neither counted nor punished in evaluation. */
  difficult: boolean;
}

/** The content of one picture's VOC annotation. */
export interface Annotation {
  /** Picture id: the file name without its ending, unique within one year's folder. */
  id: string;
  /** Width of the picture in pixels. */
  width: number;
  /** Height of the picture in pixels. */
  height: number;
  /** In the order of the annotation; may be empty. */
  objects: AnnotatedObject[];
}
