/**
 * Writes a value as nbformat does: keys sorted, one space a level, letters beyond ASCII as they are, a newline at
 * the end. So a file that JupyterLab saves differs only where its content does.
 *
 * (`JSON.stringify` of an object with sorted keys would not do: it puts keys that look like numbers first.)
 *
 * @param value - Anything that came from `JSON.parse`.
 */
export function formatJson(value: unknown): string {
  return `${format(value, '')}\n`;
}

function format(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent} `;
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item) => format(item, inner))]
    : ['{', '}', members(value as Record<string, unknown>, inner)];
  if (items.length === 0) return open + close;
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

function members(object: Record<string, unknown>, indent: string): string[] {
  return Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}: ${format(object[key], indent)}`);
}
