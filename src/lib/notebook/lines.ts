/** A line with its end; `\r\n` is one end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: separators of files, groups and records end lines.
const LINE = /.*?(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|.+$/gsu;

/**
 * Splits text after each line end, as Python's `str.splitlines(True)` does and so nbformat: a vertical tab or a
 * Unicode line separator ends a line, too.
 */
export function splitLines(text: string): string[] {
  return text.match(LINE) ?? [];
}

/** Text that is stored as one string or as a list of lines. */
export function joinLines(text: string | readonly string[]): string {
  return typeof text === 'string' ? text : text.join('');
}
