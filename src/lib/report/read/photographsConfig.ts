import { NotebookError } from '../../errors';
import { requireText } from './fields';

/** A figure that compares what runs find in the same photographs: an entry of `photographs` in report/config.json. */
export interface PhotographsConfig {
  /** Label of the figure behind which it stands. */
  after: string;
  label: string;
  /** In Markdown. */
  caption: string;
  alt: string;
  /** Columns: name of the run record, and what stands above. */
  runs: readonly { run: string; title: string }[];
  /** Rows: year folder and id, and the size, so that boxes have their right frame where the photograph is not at hand. */
  pictures: readonly { key: string; width: number; height: number }[];
}

/** @throws NotebookError with the place for what can't be used. */
export function readPhotographsConfig(value: unknown, path: string): PhotographsConfig[] {
  return list(value, path, 'photographs').map((entry, index) => {
    const place = `${path}: photographs, entry ${index + 1}`;
    const words = (field: string) => requireText(entry[field], place, field);
    return {
      after: words('after'),
      label: words('label'),
      caption: words('caption'),
      alt: words('alt'),
      runs: list(entry.runs, place, 'runs').map(({ run, title }) => ({
        run: requireText(run, place, 'runs.run'),
        title: requireText(title, place, 'runs.title'),
      })),
      pictures: list(entry.pictures, place, 'pictures').map(({ key, width, height }) => ({
        key: requireKey(key, place),
        width: requireSize(width, place, 'pictures.width'),
        height: requireSize(height, place, 'pictures.height'),
      })),
    };
  });
}

function list(value: unknown, place: string, field: string): Record<string, unknown>[] {
  if (Array.isArray(value) && value.length > 0) return value.map((entry) => Object(entry));
  throw new NotebookError(`${place}: '${field}' is ${JSON.stringify(value)}, expected a list with an entry`);
}

function requireKey(value: unknown, place: string): string {
  const key = requireText(value, place, 'pictures.key');
  if (/^[\w-]+\/[\w-]+$/.test(key)) return key;
  throw new NotebookError(
    `${place}: picture '${key}', expected year folder and id, such as VOC2012/2008_000075`,
  );
}

function requireSize(value: unknown, place: string, field: string): number {
  if (Number.isInteger(value) && Number(value) > 0) return Number(value);
  throw new NotebookError(`${place}: '${field}' is ${JSON.stringify(value)}, expected whole pixels above 0`);
}
