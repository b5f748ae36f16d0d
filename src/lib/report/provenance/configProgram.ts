/** A configuration as it stands in a program: a line for each of its fields. The value is one that JSON can hold. */
export function configProgram(config: object): string {
  return `{\n${fields(config)
    .map((field) => `  ${field},\n`)
    .join('')}}`;
}

function fields(value: object): string[] {
  return Object.entries(value).map(
    ([name, inner]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name)}: ${literal(inner)}`,
  );
}

function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const inner = fields(value);
    return inner.length > 0 ? `{ ${inner.join(', ')} }` : '{}';
  }
  return JSON.stringify(value);
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
