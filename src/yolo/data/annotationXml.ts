import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { UserError } from '../core/errors';

/** One object as an annotation file writes it, before it is checked against anything. */
export interface WrittenObject {
  /** Its name in errors, such as `object 2 (dog)`. */
  readonly where: string;
  readonly name: string;
  readonly difficult: boolean;
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** The content of a VOC annotation file, before it is checked against anything. */
export interface WrittenAnnotation {
  /** Name of the picture's file, where it is given. */
  readonly filename?: string;
  /** The content of `<size>`; undefined where there is none. */
  readonly size?: { readonly width?: number; readonly height?: number };
  readonly objects: readonly WrittenObject[];
  /** One sentence for each thing that was understood although it is written in an unusual way. */
  readonly remarks: readonly string[];
}

type Element = Readonly<Record<string, unknown>>;
type Wrong = (what: string, advice?: string) => UserError;

/** Key of marked (CDATA) text, in which `&` stands for itself. No element can have this name. */
const CDATA = '#cdata';
const TEXT = '#text';

// Annotations come from anywhere: no entity that a file declares is expanded, nesting is bounded by the parser (100).
const parser = new XMLParser({
  processEntities: false,
  parseTagValue: false,
  cdataPropName: CDATA,
  isArray: (name) => name === 'object' || name === 'part',
});

/** Ways to write VOC's flag that tools have; `Unspecified` is LabelImg's word for a field that nobody filled in. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['0', false],
  ['', false],
  ['false', false],
  ['unspecified', false],
  ['1', true],
  ['true', true],
]);

/** The five entities that XML itself has. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads a VOC annotation file. Only `bndbox` directly under an `object` counts; `part` elements (heads, hands)
 * are ignored.
 *
 * @param file - Path that errors name.
 * @throws {@link UserError} naming the file, what can't be understood and what to do.
 */
export function readAnnotationXml(xml: string, file: string): WrittenAnnotation {
  const wrong: Wrong = (what, advice = 'correct the file or take the id out of its list') =>
    new UserError(`${file}: ${what}; ${advice}`);
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    throw wrong(`not well-formed XML (line ${valid.err.line}: ${oneLine(valid.err.msg)})`);
  }
  const root = element(parse(xml, wrong).annotation);
  if (!root) throw wrong('has no <annotation> element, so it is no VOC annotation');
  const size = element(root.size);
  const remarks: string[] = [];
  const objects = list(root.object).map((object, index): WrittenObject => {
    const place = `object ${index + 1}`;
    const fields = element(object);
    if (!fields) throw wrong(`${place} is empty, expected <name> and <bndbox>`);
    const name = text(fields.name, wrong);
    if (!name) throw wrong(`${place} has no <name>`);
    const where = `${place} (${name})`;
    const written = text(fields.difficult, wrong) ?? '0';
    const difficult = FLAGS.get(written.toLowerCase());
    if (difficult === undefined) throw wrong(`${where} has <difficult> '${written}', expected 0 or 1`);
    if (!/^[01]$/.test(written)) {
      remarks.push(`${where} has <difficult> '${written}', read as ${Number(difficult)}`);
    }
    const bounds = element(fields.bndbox);
    if (!bounds) throw wrong(`${where} has no <bndbox>`);
    const edge = (key: string) => {
      const value = number(bounds, key, (what, advice) => wrong(`${where}: ${what}`, advice));
      if (value === undefined) throw wrong(`${where}: <${key}> is missing`);
      return value;
    };
    return {
      where,
      name,
      difficult,
      xmin: edge('xmin'),
      ymin: edge('ymin'),
      xmax: edge('xmax'),
      ymax: edge('ymax'),
    };
  });
  const filename = text(root.filename, wrong);
  return {
    ...(filename ? { filename } : {}),
    ...(size ? { size: { width: number(size, 'width', wrong), height: number(size, 'height', wrong) } } : {}),
    objects,
    remarks,
  };
}

function parse(xml: string, wrong: Wrong): Element {
  try {
    return element(parser.parse(xml)) ?? {};
  } catch (error) {
    throw wrong(`not readable as XML (${oneLine((error as Error).message)})`);
  }
}

/** A number as XML Schema's double writes it, such as `48.`, `.5` and `1e1`, but finite. */
function number(parent: Element, name: string, wrong: Wrong): number | undefined {
  const written = text(parent[name], wrong);
  if (written === undefined) return undefined;
  const value = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : Number.NaN;
  if (!Number.isFinite(value)) throw wrong(`<${name}> is '${written}', expected a number`);
  return value;
}

function element(value: unknown): Element | undefined {
  return typeof value === 'object' && value !== null ? (value as Element) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An element's text without the space around it; undefined where the element is missing or holds others. */
function text(value: unknown, wrong: Wrong): string | undefined {
  if (typeof value === 'string') return withoutReferences(value.trim(), wrong);
  const marked = element(value)?.[CDATA];
  if (typeof marked !== 'string') return undefined;
  const around = element(value)?.[TEXT];
  return `${typeof around === 'string' ? withoutReferences(around.trim(), wrong) : ''}${marked}`.trim();
}

/** Replaces XML's own entities and character references; one that the file declares itself is refused. */
function withoutReferences(written: string, wrong: Wrong): string {
  return written.replace(/&([^;&\s]*);?/g, (reference, name: string) => {
    const [, hexadecimal, digits] = /^#(x?)([0-9a-f]+)$/i.exec(name) ?? [];
    const code = digits === undefined ? Number.NaN : Number.parseInt(digits, hexadecimal ? 16 : 10);
    const character = code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES.get(name);
    if (character === undefined || !reference.endsWith(';')) {
      throw wrong(`holds the reference '${reference}', which is not expanded`, 'write the text itself');
    }
    return character;
  });
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ');
}
