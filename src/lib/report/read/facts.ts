import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorAt, type Place } from './place';
import type { Runs } from './runs';

/** What a fact can be: a number that the text quotes, or a word such as the name of a device. */
export type Fact = number | string;

/** The results under report/ that text can quote: those of the run records, and other JSON files. */
export class Facts {
  private readonly files = new Map<string, unknown>();

  /** @param root - The project's folder. */
  constructor(
    private readonly root: string,
    private readonly runs: Runs,
  ) {}

  /**
   * One value of a file.
   *
   * @param path - The JSON file, from the project's root with forward slashes.
   * @param name - Where the value is, with dots: `final.pooled.map`. Of a list, an entry's `name` or `epoch` leads to it:
   *   `final.pooled.classes.cat.ap`, `epochs.5.map`; of others their place from 0.
   * @throws NotebookError with the place if there is no such file or value.
   */
  get(path: string, name: string, place: Place): Fact {
    let value = this.read(path, place);
    const before: string[] = [];
    for (const key of name.split('.')) {
      const inner = entries(value);
      if (!inner.has(key)) {
        const where = before.length > 0 ? `'${before.join('.')}' of ${path}` : path;
        const known = [...inner.keys()].slice(0, 30).join(', ') || 'no names';
        throw errorAt(place, `link to ${path}#${name}: ${where} has no '${key}'; it has ${known}`);
      }
      value = inner.get(key);
      before.push(key);
    }
    if (typeof value === 'number' || typeof value === 'string') return value;
    throw errorAt(place, `link to ${path}#${name}: expected the name of a number or text in it`);
  }

  private read(path: string, place: Place): unknown {
    const [, name, file] = /^report\/runs\/([^/]+)\/(record|evaluation|memory)\.json$/.exec(path) ?? [];
    const run = name === undefined ? undefined : this.runs.get(name);
    if (run?.[file as 'record']) return run[file as 'record'];
    if (!this.files.has(path)) {
      try {
        this.files.set(path, JSON.parse(readFileSync(join(this.root, path), 'utf8')));
      } catch (error) {
        throw errorAt(place, `link to ${path}: ${error instanceof Error ? error.message : error}`);
      }
    }
    return this.files.get(path);
  }
}

/** What is inside a value, by name. */
function entries(value: unknown): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map();
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(
    value.map((entry, place) => [String(Object(entry).name ?? Object(entry).epoch ?? place), entry] as const),
  );
}

/** Units that text may give a fact, and how much of what the records count in is one of them. */
const UNITS: Readonly<Record<string, number>> = { '': 1, '%': 0.01, GB: 1e9, MB: 1e6, min: 60, h: 3600 };

/** A number as text writes it: thousands may be parted by commas, and it may have a unit. */
const NUMBER =
  /^[-−]?(?:\d{1,3}(?:,\d{3})+|\d+(?=\D|$)|(?=\.\d))(?:\.(\d+))?([ \u00a0\u202f]?)(%|GB|MB|min|h)?$/u;

/**
 * Checks that text quotes a fact: a number to the digits that the text gives, a word as it is.
 *
 * @param source - What the fact is called, for the message.
 * @throws NotebookError with the place and what to write instead.
 */
export function checkQuote(text: string, fact: Fact, source: string, place: Place): void {
  if (typeof fact === 'string') {
    if (text === fact) return;
    throw errorAt(place, `the text says '${text}', but ${source} is '${fact}'`);
  }
  const match = NUMBER.exec(text);
  if (!match) {
    throw errorAt(place, `the text of the link to ${source} is '${text}', expected a number such as ${fact}`);
  }
  const [, decimals = '', space, unit = ''] = match;
  const written = (unit === '%' ? 100 * fact : fact / UNITS[unit]).toFixed(decimals.length);
  const said = text
    .replace('−', '-')
    .replaceAll(',', '')
    .replace(/^(-?)\./, '$10.');
  if (said === `${written}${space}${unit}`) return;
  throw errorAt(
    place,
    `the text says '${text}', but ${source} is ${fact}; write '${written}${space}${unit}'`,
  );
}
