// npm run api: docs/api.md from the documentation comments of everything that `yolov1` exports.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');
const ENTRY = join(ROOT, 'src', 'yolo', 'index.ts');
export const API_PAGE = join(ROOT, 'docs', 'api.md');

/** A public name and what its comment says. */
interface Entry {
  name: string;
  /** Folder of src/yolo that it is declared in; `''` for those beside index.ts. */
  part: string;
  declaration: string;
  summary: string;
  details: string[];
}

/** The page, and the public names that have no documentation comment. */
export function describeApi(): { page: string; undocumented: string[] } {
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'src', 'yolo', 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  })!;
  const program = ts.createProgram([ENTRY], config.options);
  const checker = program.getTypeChecker();
  const entries = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(ENTRY)!)!)
    .map((exported) => entryOf(exported, checker));
  return {
    page: pageOf(entries),
    undocumented: entries.filter(({ summary }) => summary === '').map(({ name }) => name),
  };
}

function entryOf(exported: ts.Symbol, checker: ts.TypeChecker): Entry {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const own = symbol.flags & ts.SymbolFlags.ValueModule ? handedOn(exported, checker) : symbol;
  const [node] = own.declarations!;
  const folder = relative(dirname(ENTRY), dirname(node.getSourceFile().fileName));
  return {
    name: exported.name,
    part: folder.split(sep)[0],
    declaration: declarationOf(exported.name, symbol, node, checker),
    summary: linkless(commentOf(own, node, checker)),
    details: own.getJsDocTags(checker).flatMap(({ name, text }) => {
      const words = linkless(ts.displayPartsToString(text)).trim();
      if (name === 'param') return [`- \`${words.replace(/^(\S+)\s*(?:-\s*)?/, '$1`: ')}`];
      if (name === 'returns') return [`- Returns: ${words}`];
      if (name === 'throws') return [`- Throws ${words}`];
      return [];
    }),
  };
}

/** The alias by which the library itself hands on another library's namespace: its comment is there. */
function handedOn(exported: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  let symbol = exported;
  while (!symbol.declarations?.some((node) => ts.isNamespaceExport(node))) {
    symbol = checker.getImmediateAliasedSymbol(symbol)!;
  }
  return symbol;
}

function commentOf(symbol: ts.Symbol, node: ts.Declaration, checker: ts.TypeChecker): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  if (text !== '') return text;
  // The comment of `export * as name` and of `export const { name }` belongs to the statement.
  const statement = ts.findAncestor(node, (at) => ts.isExportDeclaration(at) || ts.isVariableStatement(at));
  return statement === undefined
    ? ''
    : ts
        .getJSDocCommentsAndTags(statement)
        .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
        .join('\n');
}

/** How a name is written down: a signature for a function, the kind and name for everything else. */
function declarationOf(
  name: string,
  symbol: ts.Symbol,
  node: ts.Declaration,
  checker: ts.TypeChecker,
): string {
  if (symbol.flags & ts.SymbolFlags.Function) {
    return checker
      .getSignaturesOfType(checker.getTypeOfSymbol(symbol), ts.SignatureKind.Call)
      .map(
        (signature) =>
          `function ${name}${checker.signatureToString(signature, node, ts.TypeFormatFlags.NoTruncation)}`,
      )
      .join('\n');
  }
  if (symbol.flags & ts.SymbolFlags.Class) return `class ${name}`;
  if (symbol.flags & ts.SymbolFlags.Interface) return `interface ${name}`;
  if (symbol.flags & ts.SymbolFlags.TypeAlias) return `type ${name}`;
  if (symbol.flags & ts.SymbolFlags.ValueModule) return `namespace ${name}`;
  return `const ${name}: ${checker.typeToString(checker.getTypeOfSymbol(symbol), node)}`;
}

/** `{@link X}` as plain code: the page has its own order. */
function linkless(text: string): string {
  return text.replace(/\{@link ([^}]+)\}/g, '`$1`');
}

function pageOf(entries: readonly Entry[]): string {
  const parts = [...new Set(entries.map(({ part }) => part))].sort();
  const sections = parts.flatMap((part) => [
    `## ${part === '' ? 'General' : part}`,
    '',
    ...entries
      .filter((entry) => entry.part === part)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, declaration, summary, details }) => [
        `### ${name}`,
        '',
        '```ts',
        declaration,
        '```',
        '',
        summary.trim(),
        '',
        ...(details.length > 0 ? [...details, ''] : []),
      ]),
  ]);
  const head = [
    '# Everything that `yolov1` exports',
    '',
    'Made from the documentation comments by `npm run api`; fields and methods are described where they are declared, which',
    'an editor shows. Parts in alphabetical order, names in theirs.',
    '',
  ];
  return `${[...head, ...sections].join('\n').trimEnd()}\n`;
}

if (require.main === module) {
  const { page, undocumented } = describeApi();
  if (undocumented.length > 0) {
    process.stderr.write(`No documentation comment: ${undocumented.join(', ')}\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(API_PAGE), { recursive: true });
    writeFileSync(API_PAGE, page);
  }
}
