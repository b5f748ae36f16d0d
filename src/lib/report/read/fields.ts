import { NotebookError } from '../../errors';

/**
 * A field of one of the report's JSON files that has to be text.
 *
 * @param place - File and entry, for the message.
 * @throws NotebookError with place and field if it is not, or blank.
 */
export function requireText(value: unknown, place: string, field: string): string {
  if (typeof value === 'string' && value.trim()) return value;
  throw new NotebookError(`${place}: '${field}' is ${JSON.stringify(value)}, expected text`);
}

/** A field that has to be a name to link to. @throws NotebookError with the place if it is not. */
export function requireId(value: unknown, place: string): string {
  const id = requireText(value, place, 'id');
  if (/^[a-z][a-z0-9-]*$/.test(id)) return id;
  throw new NotebookError(
    `${place}: id '${id}', expected lower-case letters, digits and hyphens, a letter first`,
  );
}
