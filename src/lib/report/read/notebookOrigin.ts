import { RUNS } from './runs';

/** What a notebook's metadata says of what its outputs were made from; written when it is executed. */
export interface NotebookOrigin {
  /** Hash of its code. */
  readonly code: string;
  /** Hashes of the modules that it imports, by package. */
  readonly modules: Readonly<Record<string, string>>;
  /** Hashes of what it read, by path from the notebook's folder. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Reads it; undefined for a notebook that was executed elsewhere, or never. */
export function originOf(metadata: Readonly<Record<string, unknown>>): NotebookOrigin | undefined {
  const { freshness } = Object(metadata.yolov1) as Record<string, unknown>;
  const { source, modules, inputs } = Object(freshness) as Record<string, unknown>;
  if (typeof source !== 'string') return undefined;
  return { code: source, modules: texts(modules), inputs: texts(inputs) };
}

/** Language of a notebook's code, in small letters; TypeScript, which is this project's, where its metadata name none. */
export function languageOf({ language_info, kernelspec }: Readonly<Record<string, unknown>>): string {
  const name = Object(language_info).name ?? Object(kernelspec).language;
  return typeof name === 'string' ? name.toLowerCase() : 'typescript';
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Object(value)).flatMap(([name, entry]) =>
      typeof entry === 'string' ? [[name, entry]] : [],
    ),
  );
}

/** Names of the run records that a notebook's outputs were made from. */
export function runsOf({ inputs }: NotebookOrigin): string[] {
  return [...new Set(Object.keys(inputs).flatMap((path) => runOf(path) ?? []))].sort();
}

/** Name of the run record that a path from the notebooks' folder leads into, if it does. */
export function runOf(path: string): string | undefined {
  const prefix = `../${RUNS}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length).split('/')[0] : undefined;
}
