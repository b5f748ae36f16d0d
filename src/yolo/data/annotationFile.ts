import { closest } from 'fastest-levenshtein';
import { UserError } from '../core/errors';
import type { Box } from '../grid/box';
import type { AnnotatedObject, Annotation } from './annotation';
import { readAnnotationXml, type WrittenObject } from './annotationXml';

/** The picture that an annotation belongs to, and the rules it is read by. */
export interface AnnotationContext {
  /** Picture id, as the annotation's. */
  readonly id: string;
  /** Path that errors name. */
  readonly file: string;
  /** Class names that may occur. */
  readonly classes: readonly string[];
  /** Advice in the error about any other class. Default: to correct the name. */
  readonly classAdvice?: string;
  /** Called with each thing that was understood although it is written in an unusual way. */
  readonly remark?: (text: string) => void;
}

/** Tools compute edges in floating point: an overhang below this many pixels is their rounding, and is cut off. */
const ROUNDING = 1e-6;

/**
 * Reads one VOC annotation.
 *
 * Boxes become continuous edges (`left = xmin - 1`, `right = xmax`); decimals are allowed. A box must lie within the
 * picture to the pixel: of the 48 000 boxes of VOC2007 and VOC2012 trainval none hangs over, nor is any only one pixel
 * wide or high, so that `xmax = xmin` is refused as empty.
 *
 * @param xml - The file's text.
 * @throws {@link UserError} naming the file, what is wrong and what to do.
 */
export function parseAnnotation(xml: string, context: AnnotationContext): Annotation {
  const { id, file, classes } = context;
  const wrong: Wrong = (what, advice = 'correct the file or take the id out of its list') =>
    new UserError(`${file}: ${what}; ${advice}`);
  const written = readAnnotationXml(xml, file);
  for (const remark of written.remarks) context.remark?.(remark);
  if (!written.size) throw wrong('has no <size> with the width and height of the picture');
  const width = length(written.size.width, 'width', wrong);
  const height = length(written.size.height, 'height', wrong);
  const objects = written.objects.map((object, index): AnnotatedObject => {
    const { name, difficult } = object;
    if (!classes.includes(name)) {
      const nearest = classes.length > 0 ? ` (nearest known: '${closest(name, [...classes])}')` : '';
      throw wrong(
        `object ${index + 1} is of the unknown class '${name}'${nearest}`,
        context.classAdvice ?? 'correct the name',
      );
    }
    return { name, box: readBox(object, width, height, wrong), difficult };
  });
  return { id, width, height, objects };
}

type Wrong = (what: string, advice?: string) => UserError;

function readBox(object: WrittenObject, width: number, height: number, wrong: Wrong): Box {
  const { where, xmin, ymin, xmax, ymax } = object;
  const shown = `${where}: box xmin ${xmin}, ymin ${ymin}, xmax ${xmax}, ymax ${ymax}`;
  if (xmax < xmin || ymax < ymin)
    throw wrong(`${shown} is reversed`, 'xmin and ymin must be the smaller ones');
  if (xmax === xmin || ymax === ymin)
    throw wrong(`${shown} is empty`, 'draw the box again or remove the object');
  if (Math.min(xmin, ymin) < 1 - ROUNDING || xmax > width + ROUNDING || ymax > height + ROUNDING) {
    throw wrong(
      `${shown} lies outside the picture of ${width} x ${height}`,
      `VOC counts pixels from 1: x goes from 1 to ${width}, y from 1 to ${height}`,
    );
  }
  return {
    left: Math.max(0, xmin - 1),
    top: Math.max(0, ymin - 1),
    right: Math.min(xmax, width),
    bottom: Math.min(ymax, height),
  };
}

/** A picture's width or height: a whole number above 0. */
function length(value: number | undefined, name: string, wrong: Wrong): number {
  if (value === undefined) throw wrong(`<${name}> is missing`);
  if (!Number.isInteger(value) || value < 1) {
    throw wrong(`has ${name} ${value} in <size>, expected the picture's own, a whole number above 0`);
  }
  return value;
}

/**
 * Writes a VOC annotation that {@link parseAnnotation} reads back as it was.
 *
 * @param year - Name of the devkit's folder, for `<folder>`.
 * @param filename - Name of the picture's file. Default: the id with `.jpg`.
 */
export function formatAnnotation(annotation: Annotation, year: string, filename?: string): string {
  const { id, width, height, objects } = annotation;
  const written = objects.map(
    ({ name, box, difficult }) =>
      `\t<object>\n\t\t<name>${escapeXml(name)}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n` +
      `\t\t<difficult>${Number(difficult)}</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>${box.left + 1}</xmin>\n` +
      `\t\t\t<ymin>${box.top + 1}</ymin>\n\t\t\t<xmax>${box.right}</xmax>\n\t\t\t<ymax>${box.bottom}</ymax>\n` +
      '\t\t</bndbox>\n\t</object>\n',
  );
  return (
    `<annotation>\n\t<folder>${escapeXml(year)}</folder>\n\t<filename>${escapeXml(filename ?? `${id}.jpg`)}</filename>\n` +
    `\t<size>\n\t\t<width>${width}</width>\n\t\t<height>${height}</height>\n\t\t<depth>3</depth>\n\t</size>\n` +
    `\t<segmented>0</segmented>\n${written.join('')}</annotation>\n`
  );
}

/** Text of an element. Spaces at its ends and line breaks are written as references: readers trim and unify them. */
function escapeXml(text: string): string {
  return text.replace(/[&<>\r\n\t]|^\s+|\s+$/g, (found) =>
    [...found].map((character) => `&#${character.codePointAt(0)};`).join(''),
  );
}
