import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { ExperimentResult } from 'yolov1';
import { mean } from '../../chart/spread';
import { recordInput } from '../../notebook/inputs';

/** A result as text that leads to where it is stored. */
export interface Quote {
  /** Markdown: each stored number is a link to its record, which the report checks. */
  readonly markdown: string;
  /** What was quoted. */
  readonly values: readonly number[];
}

/** How a number is written. */
export interface QuoteOptions {
  /** Behind the point. Default 4. */
  digits?: number;
  /** A hundred times the value, with a percent sign. Default false. */
  percent?: boolean;
}

/** The part of a run that is quoted from. */
type Run = Pick<ExperimentResult, 'path' | 'evaluation'>;

/**
 * A number of a run, or of several that differ in their seed: their mean, the least and the most, and how many there are.
 *
 * @param name - Where it is in the evaluation: `final.pooled.map`; entries of lists by their name or epoch, as
 * `final.pooled.classes.cat.ap` or `epochs.5.map`.
 * @throws RangeError if a run has no such number.
 */
export function quote(
  runs: Run | readonly Run[],
  name: string,
  { digits = 4, percent = false }: QuoteOptions = {},
): Quote {
  const list: readonly Run[] = Array.isArray(runs) ? runs : [runs as Run];
  if (list.length === 0) throw new RangeError(`quote '${name}': got no run, expected at least one`);
  const values = list.map(({ path, evaluation }) => valueAt(evaluation, name, path));
  const words = (value: number) => (percent ? `${(100 * value).toFixed(digits)} %` : value.toFixed(digits));
  const linked = (value: number) => {
    const address = addressOf(list[values.indexOf(value)].path);
    return address ? `[${words(value)}](${address}/evaluation.json#${name})` : words(value);
  };
  if (values.length === 1) return { markdown: linked(values[0]), values };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = `${linked(least)} to ${linked(most)}`;
  return { markdown: `${words(mean(values))} (${range}), n = ${values.length}`, values };
}

/**
 * A figure from outside, from report/sources.json, which holds it with its source in words.
 *
 * @param name - Such as `original.frozen`.
 */
export function source(name: string, { digits = 4 }: QuoteOptions = {}): Quote & { value: number } {
  const path = '../report/sources.json';
  recordInput(path);
  const value = valueAt(JSON.parse(readFileSync(path, 'utf8')), name, path);
  return { markdown: `[${value.toFixed(digits)}](${path}#${name})`, values: [value], value };
}

/** A number inside of plain data, by a name with dots; entries of lists by their `name` or `epoch`, or their place. */
export function valueAt(data: unknown, name: string, where: string): number {
  let value: unknown = data;
  for (const key of name.split('.')) {
    const list = Array.isArray(value) ? value : undefined;
    value = list
      ? (list.find((entry) => String(Object(entry).name ?? Object(entry).epoch) === key) ?? list[Number(key)])
      : Object(value)[key];
  }
  if (typeof value === 'number') return value;
  throw new RangeError(`${where}: '${name}' is ${JSON.stringify(value) ?? 'missing'}, expected a number`);
}

/** Address of a record that belongs to the project, from the notebook's folder; none of one in the cache. */
function addressOf(path: string): string | undefined {
  const address = relative(process.cwd(), path).replaceAll('\\', '/');
  return address.startsWith('../report/') ? address.split('/').map(encodeURIComponent).join('/') : undefined;
}
