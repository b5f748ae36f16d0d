import { posix } from 'node:path';
import { parse } from 'yaml';
import { messageOf, UserError } from '../../core/errors';
import { readText } from '../textFile';
import { listNamed } from './lists';
import type { SourceFiles } from './sourceFiles';

/** Classes that a file may number: a larger number is none. */
const MOST = 100_000;

/** The content of a data.yaml. */
export interface DataYaml {
  readonly folder: string;
  readonly names: readonly string[];
  /** Place of each list's pictures, as the file writes it. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly hasKeypoints: boolean;
}

/** The first YAML file that names classes. */
export async function readYaml(files: SourceFiles): Promise<DataYaml | undefined> {
  for (const file of [...files.withEnding('.yaml'), ...files.withEnding('.yml')]) {
    const path = files.path(file);
    const text = await readText(path);
    let value: Record<string, unknown>;
    try {
      // Of another program's file only the fields that are asked for have to be understood.
      value = (parse(text, { logLevel: 'error' }) ?? {}) as Record<string, unknown>;
    } catch (error) {
      throw new UserError(`${path}: is no YAML (${messageOf(error)}); correct it`);
    }
    const names = namesOf(value.names);
    if (names === undefined) continue;
    const lists = new Map<string, readonly string[]>();
    for (const [key, where] of Object.entries(value)) {
      const list = listNamed(key);
      const paths = (Array.isArray(where) ? where : [where]).filter((entry) => typeof entry === 'string');
      if (list !== undefined && paths.length > 0) lists.set(list, paths);
    }
    return { folder: posix.dirname(file), names, lists, hasKeypoints: value.kpt_shape !== undefined };
  }
  return undefined;
}

/** A list of names, or names by number. */
function namesOf(value: unknown): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).map(([number, name]) => [Number(number), name] as const);
  const isNamed = ([number, name]: readonly [number, unknown]) =>
    Number.isInteger(number) && number >= 0 && number < MOST && name !== null && typeof name !== 'object';
  if (entries.length === 0 || !entries.every(isNamed)) return undefined;
  const names: string[] = [];
  for (const [number, name] of entries) names[number] = String(name);
  // A number without a name is a class that nothing may be of.
  return names;
}

/** Class names by number of a file such as classes.txt. */
export async function readNames(files: SourceFiles): Promise<string[] | undefined> {
  const file = files.all.find((candidate) => isNameFile(posix.basename(candidate)));
  if (file === undefined) return undefined;
  const path = files.path(file);
  return (await readText(path))
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Names of such files by LabelImg, Label Studio, CVAT, Darknet and Roboflow. */
export function isNameFile(name: string): boolean {
  return /^(?:classes|labels)\.txt$|\.(?:names|labels)$/i.test(name);
}
