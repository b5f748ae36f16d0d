import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { closest } from 'fastest-levenshtein';
import { UserError } from '../core/errors';
import type { Box } from '../grid/box';
import type { AnnotatedObject, Annotation } from './annotation';

type Element = Readonly<Record<string, unknown>>;

// Annotations come from anywhere: no entity is expanded, nesting is bounded by the parser (100).
const parser = new XMLParser({
  processEntities: false,
  parseTagValue: false,
  isArray: (name) => name === 'object' || name === 'part',
});

/**
 * Reads one VOC annotation.
 *
 * Only `bndbox` directly under an `object` counts; `part` elements (heads, hands) are ignored. Boxes become continuous
 * edges (`left = xmin - 1`, `right = xmax`); decimals are allowed. A box must lie within the picture to the pixel: of
 * the 48 000 boxes of VOC2007 and VOC2012 trainval none hangs over, nor is any only one pixel wide or high, so that
 * `xmax = xmin` is refused as empty.
 *
 * @param xml - The file's text.
 * @param id - Picture id, as the annotation's.
 * @param file - Path that errors name.
 * @param classes - Class names that may occur.
 * @throws {@link UserError} naming the file, what is wrong and what to do.
 */
export function parseAnnotation(
  xml: string,
  id: string,
  file: string,
  classes: readonly string[],
): Annotation {
  const wrong = (what: string, advice = 'correct the file or take the id out of its list') =>
    new UserError(`${file}: ${what}; ${advice}`);

  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    throw wrong(`not well-formed XML (line ${valid.err.line}: ${oneLine(valid.err.msg)})`);
  }
  const root = element(parse(xml, wrong).annotation);
  if (!root) throw wrong('has no <annotation> element, so it is no VOC annotation');

  const size = element(root.size);
  if (!size) throw wrong('has no <size> with the width and height of the picture');
  const width = length(size, 'width', wrong);
  const height = length(size, 'height', wrong);

  const objects = list(root.object).map((object, index): AnnotatedObject => {
    const where = `object ${index + 1}`;
    const fields = element(object);
    if (!fields) throw wrong(`${where} is empty, expected <name> and <bndbox>`);
    const name = text(fields.name);
    if (!name) throw wrong(`${where} has no <name>`);
    if (!classes.includes(name)) {
      throw wrong(
        `${where} is of the unknown class '${name}'${classes.length ? ` (nearest known: '${closest(name, classes)}')` : ''}`,
        'correct the name or give the class list that belongs to this data',
      );
    }
    const difficult = text(fields.difficult) ?? '0';
    if (difficult !== '0' && difficult !== '1') {
      throw wrong(`${where} (${name}) has <difficult> '${difficult}', expected 0 or 1`);
    }
    const bounds = element(fields.bndbox);
    if (!bounds) throw wrong(`${where} (${name}) has no <bndbox>`);
    const box = readBox(bounds, width, height, (what, advice) =>
      wrong(`${where} (${name}): ${what}`, advice),
    );
    return { name, box, difficult: difficult === '1' };
  });
  return { id, width, height, objects };
}

type Wrong = (what: string, advice?: string) => UserError;

function parse(xml: string, wrong: Wrong): Element {
  try {
    return element(parser.parse(xml)) ?? {};
  } catch (error) {
    throw wrong(`not readable as XML (${oneLine((error as Error).message)})`);
  }
}

function readBox(bounds: Element, width: number, height: number, wrong: Wrong): Box {
  const xmin = number(bounds, 'xmin', wrong);
  const ymin = number(bounds, 'ymin', wrong);
  const xmax = number(bounds, 'xmax', wrong);
  const ymax = number(bounds, 'ymax', wrong);
  const shown = `box xmin ${xmin}, ymin ${ymin}, xmax ${xmax}, ymax ${ymax}`;
  if (xmax < xmin || ymax < ymin)
    throw wrong(`${shown} is reversed`, 'xmin and ymin must be the smaller ones');
  if (xmax === xmin || ymax === ymin)
    throw wrong(`${shown} is empty`, 'draw the box again or remove the object');
  if (xmin < 1 || ymin < 1 || xmax > width || ymax > height) {
    throw wrong(
      `${shown} lies outside the picture of ${width} x ${height}`,
      `VOC counts pixels from 1: x goes from 1 to ${width}, y from 1 to ${height}`,
    );
  }
  return { left: xmin - 1, top: ymin - 1, right: xmax, bottom: ymax };
}

/** A picture's width or height: a whole number above 0. */
function length(size: Element, name: string, wrong: Wrong): number {
  const value = number(size, name, wrong);
  if (!Number.isInteger(value) || value < 1) {
    throw wrong(`has ${name} ${value} in <size>, expected the picture's own, a whole number above 0`);
  }
  return value;
}

function number(parent: Element, name: string, wrong: Wrong): number {
  const written = text(parent[name]);
  if (written === undefined) throw wrong(`<${name}> is missing`);
  if (!/^[+-]?\d+(\.\d+)?$/.test(written)) throw wrong(`<${name}> is '${written}', expected a number`);
  return Number(written);
}

function element(value: unknown): Element | undefined {
  return typeof value === 'object' && value !== null ? (value as Element) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ');
}

/**
 * Writes a VOC annotation that {@link parseAnnotation} reads back as it was.
 *
 * @param annotation - Boxes with whole-numbered edges; names without `<` and `&`.
 * @param year - Name of the devkit's folder, for `<folder>`.
 */
export function formatAnnotation({ id, width, height, objects }: Annotation, year: string): string {
  const written = objects.map(
    ({ name, box, difficult }) =>
      `\t<object>\n\t\t<name>${name}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n` +
      `\t\t<difficult>${Number(difficult)}</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>${box.left + 1}</xmin>\n` +
      `\t\t\t<ymin>${box.top + 1}</ymin>\n\t\t\t<xmax>${box.right}</xmax>\n\t\t\t<ymax>${box.bottom}</ymax>\n` +
      '\t\t</bndbox>\n\t</object>\n',
  );
  return (
    `<annotation>\n\t<folder>${year}</folder>\n\t<filename>${id}.jpg</filename>\n\t<size>\n` +
    `\t\t<width>${width}</width>\n\t\t<height>${height}</height>\n\t\t<depth>3</depth>\n\t</size>\n` +
    `\t<segmented>0</segmented>\n${written.join('')}</annotation>\n`
  );
}
