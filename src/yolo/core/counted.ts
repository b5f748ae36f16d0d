/**
 * A number with what it counts, in the singular where it is one: `1 picture`, `2 pictures`.
 *
 * @param count - Any number.
 * @param one - The singular.
 * @param many - The plural. Default: `one` and an s.
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
