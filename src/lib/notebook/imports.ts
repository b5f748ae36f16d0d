/** Names that code takes from a module: some of them, or possibly all. */
export type Names = ReadonlySet<string> | 'all';

/** One module that code names in an import, an export or a call of `import()` or `require()`. */
export interface Import {
  readonly specifier: string;
  readonly names: Names;
}

const FROM =
  /\b(import|export)\s+(?:type\s+)?((?:[\w$]+\s*,\s*)?\{[^}]*\}|[\w$*\s,]+?)\s*from\s*(['"])([^'"\n]+)\3/g;
const WHOLE = /\b(?:import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/**
 * Finds the modules that TypeScript or JavaScript code names. It looks at the text only: what looks like an
 * import in a comment or a string counts as well, which makes a notebook stale too often rather than too rarely.
 */
export function findImports(code: string): Import[] {
  const imports: Import[] = [];
  for (const [, , clause = '', , specifier = ''] of code.matchAll(FROM)) {
    imports.push({ specifier, names: namesIn(clause) });
  }
  for (const [, , specifier = ''] of code.matchAll(WHOLE)) imports.push({ specifier, names: 'all' });
  return imports;
}

/**
 * The modules that an index file (nothing but `export { … } from './x'` lines) takes the names from; undefined
 * if it is no such file or lacks one of them.
 */
export function sourcesOfNames(index: string, names: ReadonlySet<string>): Import[] | undefined {
  const code = index.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  if (code.replace(FROM, '').replace(/[\s;]/g, '') !== '') return undefined;
  const sources: Import[] = [];
  const missing = new Set(names);
  for (const [, , clause = '', , specifier = ''] of code.matchAll(FROM)) {
    const exported = parseClause(clause);
    if (!exported) return undefined;
    const taken = exported.filter(({ outside }) => names.has(outside));
    for (const { outside } of taken) missing.delete(outside);
    if (taken.length > 0) sources.push({ specifier, names: new Set(taken.map(({ inside }) => inside)) });
  }
  return missing.size === 0 ? sources : undefined;
}

function namesIn(clause: string): Names {
  const names = parseClause(clause);
  return names ? new Set(names.map(({ inside }) => inside)) : 'all';
}

/** Names in braces, `a as b` as inside a and outside b; undefined for `* as x` or a default import. */
function parseClause(clause: string): { inside: string; outside: string }[] | undefined {
  const braces = /^\{([^}]*)\}$/.exec(clause.trim());
  if (!braces?.[1]) return undefined;
  const parts = braces[1].split(',').map((part) => part.trim().replace(/^type\s+/, ''));
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [inside = '', outside = inside] = part.split(/\s+as\s+/);
      return { inside, outside };
    });
}
