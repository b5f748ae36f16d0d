/** A file's or class's name as it can be printed: what would steer the terminal becomes a question mark. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
