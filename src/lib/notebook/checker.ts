import { NotebookError } from '../errors';
import { joinLines } from './lines';

/** A JSON object. */
export type Json = Record<string, unknown>;

/** Reads fields of a given type, or says which one is wrong and where. */
export class Checker {
  constructor(private readonly file: string) {}

  error(where: string, problem: string): NotebookError {
    const subject = where ? `${this.file}: its ${where}` : `${this.file}:`;
    return new NotebookError(`${subject} ${problem}; restore the file, or save it again from JupyterLab`);
  }

  string(object: Json, name: string, where: string): string {
    const value = object[name];
    return typeof value === 'string' ? value : this.fail(name, value, 'a string', where);
  }

  number(object: Json, name: string, where: string): number {
    const value = object[name];
    return typeof value === 'number' ? value : this.fail(name, value, 'a number', where);
  }

  object(object: Json, name: string, where: string): Json {
    const value = object[name];
    return isObject(value) ? value : this.fail(name, value, 'an object', where);
  }

  array(object: Json, name: string, where: string): unknown[] {
    const value = object[name];
    return Array.isArray(value) ? value : this.fail(name, value, 'a list', where);
  }

  strings(object: Json, name: string, where: string): string[] {
    const value = this.array(object, name, where);
    return isStrings(value) ? value : this.fail(name, value, 'a list of strings', where);
  }

  /** Text stored as one string or as a list of lines. */
  text(object: Json, name: string, where: string): string {
    const value = object[name];
    return typeof value === 'string' || isStrings(value)
      ? joinLines(value)
      : this.fail(name, value, 'a string or a list of strings', where);
  }

  private fail(name: string, value: unknown, expected: string, where: string): never {
    const problem = value === undefined ? `has no '${name}'` : `has ${kind(value)} for '${name}'`;
    throw this.error(where, `${problem}, expected ${expected}`);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

/** What a value is, in words. */
export function kind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
