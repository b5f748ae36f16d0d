import { encodeGrid, type GridObject, type GridTarget } from '../grid/gridTarget';
import type { AnnotatedObject, Annotation } from './annotation';

/** The grid of a detector. */
export interface Grid {
  classes: readonly string[];
  gridSize: number;
}

/** Objects of pictures with normalised edges, put into a detector's grid. */
export function encodeObjects(
  { classes, gridSize }: Grid,
  objects: readonly (readonly AnnotatedObject[])[],
): GridTarget {
  return encodeGrid(
    objects.map((list) => list.map(({ box, name }) => ({ box, classIndex: classes.indexOf(name) }))),
    { gridSize, classes: classes.length },
  );
}

/** Objects of an annotation, whose edges are in pixels, as a grid takes them. */
export function gridObjectsOf(
  { width, height, objects }: Annotation,
  classes: readonly string[],
): GridObject[] {
  return objects.map(({ box: { left, top, right, bottom }, name }) => ({
    box: { left: left / width, top: top / height, right: right / width, bottom: bottom / height },
    classIndex: classes.indexOf(name),
  }));
}
