import type MarkdownIt from 'markdown-it';
import ts from 'typescript';
import type { CodeCell } from '../../notebook/format';
import type { Place } from '../read/place';
import type { Page } from './page';

type Token = ReturnType<MarkdownIt['parse']>[number];

/**
 * A number that looks like a result: with two digits behind the point, as `0.0356` or `.412`, or a share with one,
 * as `31.4 %`. Not a part of a name, a version or a threshold such as `mAP@.5`.
 */
const RESULT = /(?<![\w.@/=-])[-−]?(\d{0,3}\.\d+)([ \u00a0\u202f]?%)?(?![\w]|\.\d)/gu;
/** Of bounded length: a cell may have printed millions of digits in a row. */
const NUMBER = /\d{0,9}\.\d{1,15}/g;
/** Code may hold settings; what has more digits is a result there, too. */
const LONGEST_SETTING = 2;

/** Numbers that a notebook's code vouches for: those that its cells print, and the settings in it. */
export function vouchedNumbers(cells: readonly CodeCell[]): Set<string> {
  const numbers = new Set<string>();
  for (const output of cells.flatMap(({ outputs }) => outputs)) {
    if (output.output_type === 'error') continue;
    const shown =
      output.output_type === 'stream'
        ? [output.text]
        : [output.data['text/plain'], output.data['text/markdown']];
    for (const [text] of shown.join('\n').matchAll(NUMBER)) numbers.add(value(text));
  }
  for (const text of cells.flatMap(({ source }) => numbersIn(source))) {
    if ((text.split('.')[1]?.length ?? 0) <= LONGEST_SETTING) numbers.add(value(text));
  }
  return numbers;
}

/** Numbers of a program as they are written in it, without those in its texts and comments. */
function numbersIn(source: string): string[] {
  const numbers: string[] = [];
  const file = parsed(source);
  if (!file) return [];
  // A list rather than a function that calls itself: code may be nested thousands of levels deep.
  const open: ts.Node[] = [file];
  for (let node = open.pop(); node; node = open.pop()) {
    if (ts.isNumericLiteral(node)) numbers.push(node.getText(file));
    ts.forEachChild(node, (inner) => void open.push(inner));
  }
  return numbers;
}

/** The program; undefined for one that is nested too deeply for the parser, of which no number is known. */
function parsed(source: string): ts.SourceFile | undefined {
  try {
    return ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * Warns of results that someone typed: numbers in text that are neither quoted from a file of results nor stand in code,
 * an equation or a link, and that no cell vouches for.
 *
 * @param typed - If given, only numbers that stand in it count: text that code made, may hold computed ones.
 */
export function warnOfTypedNumbers(
  tokens: readonly Token[],
  vouched: ReadonlySet<string>,
  page: Page,
  place: Place,
  typed?: string,
): void {
  const found = new Set<string>();
  for (const text of proseOf(tokens)) {
    for (const [whole, number, percent] of text.matchAll(RESULT)) {
      const digits = number.split('.')[1].length;
      const share = String(Number((Number(number) / 100).toPrecision(12)));
      if (digits < 2 && !percent) continue;
      if (vouched.has(value(number)) || (percent && vouched.has(share))) continue;
      if (typed === undefined || typed.includes(number)) found.add(whole.trim());
    }
  }
  if (found.size === 0) return;
  const list = [...found].join(', ');
  page.warn(
    place,
    `typed by hand: ${list}; quote from a run's record or report/sources.json, or let a cell print it`,
  );
}

/** Text outside of code, equations and links. */
function proseOf(tokens: readonly Token[]): string[] {
  const texts: string[] = [];
  let links = 0;
  for (const { type, content } of tokens.flatMap((token) => token.children ?? [])) {
    if (type === 'link_open') links++;
    else if (type === 'link_close') links--;
    else if (type === 'text' && links === 0) texts.push(content);
  }
  return texts;
}

/** `.50` and `0.5` are one value. */
function value(number: string): string {
  return String(Number(number));
}
