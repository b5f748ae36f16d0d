import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readEnvironment } from '../../core/environment';
import { program } from './program';

/** What building the native runtime needs from the machine. Undefined: not there. */
export interface Tools {
  /** Python 3 that has pip. */
  readonly python?: string;
  readonly compiler?: string;
  readonly make?: string;
}

/** Finds Python with pip, a C++ compiler and make in `PATH`. */
export async function findTools(): Promise<Tools> {
  const python = await findPython();
  const compiler = findProgram(['g++', 'c++', 'clang++']);
  const make = findProgram(['make', 'gmake']);
  return { ...(python ? { python } : {}), ...(compiler ? { compiler } : {}), ...(make ? { make } : {}) };
}

/**
 * What is missing, in words, and what to do about it; undefined if nothing is.
 *
 * @param tools - As {@link findTools} returns them.
 */
export function missingTools(tools: Tools, os: string = process.platform): string | undefined {
  const missing = [
    ...(tools.python ? [] : ['Python 3 with pip']),
    ...(tools.compiler ? [] : ['a C++ compiler']),
    ...(tools.make ? [] : ['make']),
  ];
  if (missing.length === 0) return undefined;
  return `native TensorFlow needs ${missing.join(', ')}: not found; install it (${
    os === 'darwin' ? 'macOS: xcode-select --install' : 'Debian, Ubuntu: apt-get install python3-pip g++ make'
  })`;
}

/**
 * Folder to give node-gyp as `--nodedir`: one with this Node's headers. Undefined: let node-gyp fetch them.
 *
 * @param executable - Default: the running Node.
 */
export function findNodeHeaders(executable: string = process.execPath): string | undefined {
  const candidates = [join(executable, '..', '..'), '/usr', '/usr/local'];
  return candidates.find((folder) =>
    ['node_api.h', 'common.gypi'].every((file) => existsSync(join(folder, 'include', 'node', file))),
  );
}

async function findPython(): Promise<string | undefined> {
  for (const name of ['python3', 'python']) {
    const path = findProgram([name]);
    if (path && (await program(path, ['-m', 'pip', '--version']))) return path;
  }
  return undefined;
}

/**
 * Path of the first of these programs that is in `PATH`, or undefined.
 *
 * @param names - In order of preference.
 * @param searchPath - Default: `PATH`.
 */
export function findProgram(
  names: readonly string[],
  searchPath: string = readEnvironment().searchPath,
): string | undefined {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
