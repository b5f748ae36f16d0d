import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readNotebook } from './file';
import { codeCells, type Notebook } from './format';
import { formatJson } from './json';
import { fingerprintModules, hashOf } from './modules';

/** What a notebook's outputs were made from; stored in its metadata as `yolov1.freshness`. */
export interface Freshness {
  /** Hash of its code cells. */
  readonly source: string;
  /** Hash of the outputs; missing where an older version executed it. */
  readonly outputs?: string;
  /** Hashes of the files and folders it read, by their path from the notebook's folder. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Fingerprints of the modules it imports, by package. */
  readonly modules: Readonly<Record<string, string>>;
}

/**
 * Takes the fingerprints of all that a notebook's outputs depend on.
 *
 * @param inputs - Absolute paths of what it read. Those outside of the project are left out: on another machine
 *   they are elsewhere or nowhere.
 */
export function takeFreshness(notebook: Notebook, file: string, inputs: readonly string[]): Freshness {
  const folder = dirname(resolve(file));
  const code = codeOf(notebook);
  const hashes = pathsFrom(folder, inputs).map((path) => [
    path,
    hashInput(resolve(folder, path)) ?? 'missing',
  ]);
  return {
    source: hashOf(code),
    outputs: hashOf(outputsOf(notebook)),
    inputs: Object.fromEntries(hashes),
    modules: fingerprintModules(code, folder),
  };
}

/**
 * Absolute paths as a notebook's metadata has them: each once, sorted, from the notebook's folder with forward
 * slashes; those outside of the project are left out.
 */
export function pathsFrom(folder: string, paths: readonly string[]): string[] {
  const inside = [...new Set(paths)].filter(
    (path) => !relative(projectFolder(folder), path).startsWith('..'),
  );
  return inside.map((path) => relative(folder, path).split(sep).join('/')).sort();
}

/**
 * Why a notebook's outputs may differ from what executing it now would give.
 *
 * @returns Reasons in words; empty if it is fresh.
 * @throws {@link NotebookError} if there is no such notebook, or it is broken.
 */
export function isStale(file: string): string[] {
  const notebook = readNotebook(file);
  const folder = dirname(resolve(file));
  const stored = storedFreshness(notebook);
  if (!stored) return ['it has not been executed yet'];
  const reasons: string[] = [];
  const code = codeOf(notebook);
  if (hashOf(code) !== stored.source) reasons.push('its code changed');
  // Saved by another program that ran it, maybe with another profile: of those outputs nothing is noted.
  else if (stored.outputs !== undefined && hashOf(outputsOf(notebook)) !== stored.outputs)
    reasons.push('its outputs are not those of its last execution');
  for (const [path, hash] of Object.entries(stored.inputs)) {
    const now = hashInput(resolve(folder, path));
    const shown = relative(process.cwd(), resolve(folder, path));
    if (now === undefined && hash !== 'missing') reasons.push(`${shown} is missing`);
    else if (now !== undefined && now !== hash) reasons.push(`${shown} changed`);
  }
  const modules = fingerprintModules(code, folder);
  for (const name of new Set([...Object.keys(stored.modules), ...Object.keys(modules)])) {
    if (stored.modules[name] === modules[name]) continue;
    reasons.push(name === '.' ? 'a file beside it changed' : `the package ${name} changed`);
  }
  return reasons;
}

function codeOf(notebook: Notebook): string {
  return codeCells(notebook)
    .map((cell) => cell.source)
    .join('\n\n');
}

function outputsOf(notebook: Notebook): string {
  return formatJson(codeCells(notebook).map(({ outputs }) => outputs));
}

function storedFreshness(notebook: Notebook): Freshness | undefined {
  const freshness = objectOf(objectOf(notebook.metadata.yolov1)?.freshness);
  const [inputs, modules] = [textsOf(freshness?.inputs), textsOf(freshness?.modules)];
  return freshness && typeof freshness.source === 'string' && inputs && modules
    ? {
        source: freshness.source,
        inputs,
        modules,
        ...(typeof freshness.outputs === 'string' ? { outputs: freshness.outputs } : {}),
      }
    : undefined;
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textsOf(value: unknown): Record<string, string> | undefined {
  const object = objectOf(value);
  const texts = object && Object.values(object).every((entry) => typeof entry === 'string');
  return texts ? (object as Record<string, string>) : undefined;
}

/** Hash of a file, or of a folder's files with their names; undefined if there is none. */
function hashInput(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (!stat.isDirectory()) return hashOf(readFileSync(path));
  const names = readdirSync(path).sort();
  return hashOf(names.map((name) => `${name} ${hashInput(join(path, name))}`).join('\n'));
}

/** The outermost folder with a package.json above a notebook. */
function projectFolder(folder: string): string {
  let found = folder;
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) found = at;
    if (dirname(at) === at) return found;
  }
}
