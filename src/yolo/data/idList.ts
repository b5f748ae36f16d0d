import { UserError } from '../core/errors';
import { PICTURE_ENDINGS, stemOf } from './fileIndex';

/** The last column of a list of one class: the class is in the picture, is not, or only as a difficult object. */
const FLAG = /^(.*\S)\s+(?:1|-1|0)$/;

/** Tells whether a list is one of a single class, in which every line says whether the class is in the picture. */
export function isOfOneClass(text: string, isThere: (id: string) => boolean): boolean {
  const lines = linesOf(text).filter((line) => line !== '');
  return lines.length > 0 && lines.every((line) => FLAG.test(line)) && !lines.some(isThere);
}

/**
 * Reads an id list: one picture id a line.
 *
 * A line is an id as a whole where a file has that name, spaces included; else what stands before a last column of 1, 0
 * or -1; else its first column; and an ending such as `.jpg` behind a name that is there is no part of the id.
 *
 * @param file - Path that errors name.
 * @param isThere - Whether a picture or an annotation has this name.
 * @throws {@link UserError} if the list is empty, names an id twice or one that is no file name.
 */
export function parseIdList(text: string, file: string, isThere: (id: string) => boolean): string[] {
  const seen = new Map<string, number>();
  linesOf(text).forEach((line, index) => {
    if (line === '') return;
    const where = `${file}: line ${index + 1}`;
    const id = readLine(line, isThere);
    if (/[/\\\0]/.test(id) || id === '.' || id === '..') {
      throw new UserError(
        `${where}: '${id}' is no picture id; expected a file name without folder and ending. 'yolov1 data import' brings folders within folders`,
      );
    }
    const before = seen.get(id);
    if (before !== undefined) {
      throw new UserError(
        `${where}: id '${id}' stands in line ${before} already; remove one of the two lines`,
      );
    }
    seen.set(id, index + 1);
  });
  if (seen.size === 0) {
    throw new UserError(`${file}: the id list is empty; expected one picture id a line, such as 2007_000032`);
  }
  return [...seen.keys()];
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map((line) => line.trim());
}

function readLine(line: string, isThere: (id: string) => boolean): string {
  if (isThere(line)) return line;
  const [, beforeFlag] = FLAG.exec(line) ?? [];
  if (beforeFlag !== undefined) return beforeFlag;
  const candidates = [stemOf(line, PICTURE_ENDINGS), line.split(/\s+/)[0]];
  return candidates.find((candidate) => candidate !== undefined && isThere(candidate)) ?? line;
}
