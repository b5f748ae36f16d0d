import { encodeGrid, type GridObject, type GridTarget } from '../grid/gridTarget';
import type { AnnotatedObject, Annotation } from './annotation';

/**
 * Objects of pictures with normalised edges, put into the grid that predictions are of.
 *
 * @param shape - Of the predictions: `[N, S, S, ...]`, or `[N, P, ...]` of all cells, where no one cell is asked for and
 * one will do.
 */
export function encodeObjects(
  classes: readonly string[],
  shape: readonly number[],
  objects: readonly (readonly AnnotatedObject[])[],
): GridTarget {
  return encodeGrid(
    objects.map((list) => list.map(({ box, name }) => ({ box, classIndex: classes.indexOf(name) }))),
    { gridSize: shape.length === 4 ? shape[1] : 1, classes: classes.length },
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
