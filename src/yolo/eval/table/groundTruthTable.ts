import * as v from 'valibot';
import { CLASSES, checkArguments, FLOAT64S, INT32S, listOf, record } from '../../core/arguments';
import { UserError } from '../../core/errors';
import { wholeFrom } from '../../core/form';
import type { AnnotatedObject, Annotation } from '../../data/annotation';
import { requireBox } from './checks';
import { type EvaluationIndex, evaluationIndex, INDEX } from './evaluationIndex';

/**
 * Annotated objects as columns, sorted by class, then picture, then order in the annotation. Not to be changed once
 * made.
 */
export interface GroundTruthTable {
  /** What the numbers of pictures and classes stand for. */
  readonly index: EvaluationIndex;
  /** Number of objects. */
  readonly length: number;
  /** Picture number of each object, shape [n]. */
  readonly picture: Int32Array;
  /** Class number of each object, shape [n]. */
  readonly classIndex: Int32Array;
  /** Left, top, right, bottom of each object in pixels (continuous edges), shape [4n]. */
  readonly boxes: Float64Array;
  /** 1 for objects that are neither counted nor punished (VOC's `difficult`, COCO's `ignore`), shape [n]. */
  readonly difficult: Uint8Array;
  /** 1 for difficult objects that are a region of many, COCO's crowds: any number of detections may lie in one; shape [n]. */
  readonly crowd: Uint8Array;
  /** Size of each object by which COCO tells small from large, in square pixels, shape [n]. */
  readonly area: Float64Array;
  /**
   * Objects of class c in picture p are rows `offsets[c * pictures + p]` up to, not including, the next entry;
   * shape [classes * pictures + 1].
   */
  readonly offsets: Int32Array;
}

/** A picture's key and its annotation, as `AnnotatedItem` of a data set has them. */
export interface AnnotatedPicture {
  /** Such as `VOC2012/2007_000032`; each once. */
  readonly key: string;
  /** Its objects, with boxes in pixels. */
  readonly annotation: Omit<Annotation, 'objects'> & { readonly objects: readonly EvaluatedObject[] };
}

/** An object, and what only COCO's rules ask of one. */
interface EvaluatedObject extends AnnotatedObject {
  /** COCO's `iscrowd`; such an object is difficult as well. Default false. */
  readonly crowd?: boolean;
  /** In square pixels, as of a mask. Default: that of the box. */
  readonly area?: number;
}

export const GROUND_TRUTH = record('a table of the ground truth', {
  ...{ index: INDEX, length: wholeFrom(0), picture: INT32S, classIndex: INT32S, offsets: INT32S },
  boxes: FLOAT64S,
  difficult: v.instance(Uint8Array, 'a Uint8Array'),
  ...{ crowd: v.instance(Uint8Array, 'a Uint8Array'), area: FLOAT64S },
});
const PICTURES = listOf('a list of annotated pictures', (picture) => {
  const { key, annotation } = Object(picture);
  const { objects } = Object(annotation);
  const isObject = (one: unknown) => typeof Object(one).box === 'object';
  return typeof key === 'string' && Array.isArray(objects) && objects.every(isObject);
});

/**
 * Makes the table of a data set's objects; its index numbers the pictures by their sorted keys.
 *
 * @param pictures - Pictures with their annotations, those without objects too, in any order.
 * @param classes - Class names in the order that numbers them.
 * @throws UserError for a key or class that stands twice, an object of an unknown class, a box that is not finite or
 * has no area.
 */
export function groundTruthTable(
  pictures: readonly AnnotatedPicture[],
  classes: readonly string[],
): GroundTruthTable {
  checkArguments('groundTruthTable', { pictures, classes }, { pictures: PICTURES, classes: CLASSES });
  const index = evaluationIndex(
    pictures.map(({ key }) => key),
    classes,
  );
  const numberOf = new Map(index.classes.map((name, index) => [name, index]));
  const cells = new Int32Array(pictures.reduce((sum, { annotation }) => sum + annotation.objects.length, 0));
  const offsets = new Int32Array(classes.length * pictures.length + 1);
  let row = 0;
  for (const { key, annotation } of pictures) {
    const picture = index.pictureOf(key)!;
    annotation.objects.forEach(({ name, box }, index) => {
      const where = `picture '${key}', object ${index}`;
      const classIndex = numberOf.get(name);
      if (classIndex === undefined) {
        throw new UserError(`${where}: class is '${name}', expected one of ${classes.join(', ')}`);
      }
      requireBox(box, where);
      cells[row] = classIndex * pictures.length + picture;
      offsets[cells[row++] + 1]++;
    });
  }
  for (let cell = 1; cell < offsets.length; cell++) offsets[cell] += offsets[cell - 1];

  const table = {
    index,
    length: row,
    picture: new Int32Array(row),
    classIndex: new Int32Array(row),
    boxes: new Float64Array(4 * row),
    difficult: new Uint8Array(row),
    crowd: new Uint8Array(row),
    area: new Float64Array(row),
    offsets,
  };
  const next = offsets.slice();
  let read = 0;
  for (const { annotation } of pictures) {
    for (const { box, difficult, crowd, area } of annotation.objects) {
      const cell = cells[read++];
      const place = next[cell]++;
      table.picture[place] = cell % pictures.length;
      table.classIndex[place] = Math.floor(cell / pictures.length);
      table.boxes.set([box.left, box.top, box.right, box.bottom], 4 * place);
      table.difficult[place] = difficult ? 1 : 0;
      table.crowd[place] = crowd ? 1 : 0;
      table.area[place] = area ?? (box.right - box.left) * (box.bottom - box.top);
    }
  }
  return table;
}

/** Objects of each class that count, difficult ones left out; shape [classes]. */
export function countObjects(groundTruth: GroundTruthTable): Int32Array {
  checkArguments('countObjects', { groundTruth }, { groundTruth: GROUND_TRUTH });
  const counts = new Int32Array(groundTruth.index.classes.length);
  for (let row = 0; row < groundTruth.length; row++) {
    if (groundTruth.difficult[row] === 0) counts[groundTruth.classIndex[row]]++;
  }
  return counts;
}
