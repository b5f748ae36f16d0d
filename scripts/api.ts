// npm run api: docs/api/, a page for each entry point of `yolov1`, from the documentation comments of what it exports.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');
const LIBRARY = join(ROOT, 'src', 'yolo');
export const API_PAGES = join(ROOT, 'docs', 'api');

/** The pages by their file's name, and the public names that have no documentation comment. */
export interface ApiPages {
  pages: Map<string, string>;
  undocumented: string[];
}

export function describeApi(): ApiPages {
  const config = ts.getParsedCommandLineOfConfigFile(join(LIBRARY, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  })!;
  const { exports } = JSON.parse(readFileSync(join(LIBRARY, 'package.json'), 'utf8'));
  const entries = Object.entries<{ types: string }>(exports)
    .filter(([entry]) => entry !== './package.json')
    .map(([entry, { types }]) => ({
      name: entry.replace('.', 'yolov1'),
      file: join(LIBRARY, types.replace('./dist/', '').replace('.d.ts', '.ts')),
    }));
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    config.options,
  );
  const undocumented: string[] = [];
  const pages = new Map<string, string>();
  // A name stands where its folder exports it; the root's page leads there.
  const homes = new Map<ts.Symbol, string>();
  for (const { name, file } of [...entries].reverse()) {
    const page = new Page(name, program, file, homes, undocumented);
    pages.set(`${pageOf(name)}.md`, page.build());
  }
  return { pages, undocumented };
}

function pageOf(entry: string): string {
  return entry.split('/')[1] ?? 'index';
}

class Page {
  private readonly checker: ts.TypeChecker;

  constructor(
    private readonly entry: string,
    private readonly program: ts.Program,
    private readonly file: string,
    private readonly homes: Map<ts.Symbol, string>,
    private readonly undocumented: string[],
  ) {
    this.checker = program.getTypeChecker();
  }

  build(): string {
    const module = this.checker.getSymbolAtLocation(this.program.getSourceFile(this.file)!)!;
    const sections = this.checker
      .getExportsOfModule(module)
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      .flatMap((exported) => this.section(exported));
    const head = [`# ${this.entry}`, '', 'Made from the documentation comments by `npm run api`.', ''];
    return `${[...head, ...sections].join('\n').trimEnd()}\n`;
  }

  private section(exported: ts.Symbol): string[] {
    const { name } = exported;
    const aliased = exported.flags & ts.SymbolFlags.Alias;
    const symbol = aliased ? this.checker.getAliasedSymbol(exported) : exported;
    const own = symbol.flags & ts.SymbolFlags.ValueModule ? this.handedOn(exported) : symbol;
    const node = own.declarations![0];
    const home = this.homes.get(symbol);
    this.homes.set(symbol, home ?? this.entry);
    const comment = this.commentOf(own, node);
    if (comment === '') this.undocumented.push(`${this.entry}: ${name}`);
    if (home) {
      const [summary] = comment.split('\n\n');
      return [`## ${name}`, '', summary, '', `See [${home}](${pageOf(home)}.md#${name.toLowerCase()}).`, ''];
    }
    const details = tagLines(node);
    return [
      `## ${name}`,
      '',
      '```ts',
      this.declarationOf(name, symbol, node),
      '```',
      '',
      comment,
      '',
      ...(details.length > 0 ? [...details, ''] : []),
      ...this.members(node),
    ];
  }

  /** The fields of an interface or type, the public fields and methods of a class, as they are written. */
  private members(node: ts.Declaration): string[] {
    const lines = membersOf(node).map((member) => {
      const symbol = this.checker.getSymbolAtLocation(member.name!);
      const comment = symbol ? this.commentOf(symbol, member).replaceAll('\n', ' ') : '';
      return `- \`${signatureOf(member)}\`${comment === '' ? '' : `: ${comment}`}`;
    });
    return lines.length > 0 ? [...lines, ''] : [];
  }

  /** The alias by which the library itself hands on another library's namespace: its comment is there. */
  private handedOn(exported: ts.Symbol): ts.Symbol {
    let symbol = exported;
    while (!symbol.declarations?.some((node) => ts.isNamespaceExport(node))) {
      symbol = this.checker.getImmediateAliasedSymbol(symbol)!;
    }
    return symbol;
  }

  private commentOf(symbol: ts.Symbol, node: ts.Node): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
    if (text !== '') return linkless(text).trim();
    // The comment of `export * as name` and of `export const { name }` belongs to the statement.
    const statement = ts.findAncestor(node, (at) => ts.isExportDeclaration(at) || ts.isVariableStatement(at));
    if (statement === undefined) return '';
    const comments = ts
      .getJSDocCommentsAndTags(statement)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment));
    return linkless(comments.join('\n')).trim();
  }

  /** How a name is written down: a signature for a function, the type of a constant, else kind and name. */
  private declarationOf(name: string, symbol: ts.Symbol, node: ts.Declaration): string {
    const { flags } = symbol;
    if (flags & ts.SymbolFlags.Function) {
      return this.checker
        .getSignaturesOfType(this.checker.getTypeOfSymbol(symbol), ts.SignatureKind.Call)
        .map((signature) => {
          const text = this.checker.signatureToString(signature, node, ts.TypeFormatFlags.NoTruncation);
          return `function ${name}${text}`;
        })
        .join('\n');
    }
    if (flags & ts.SymbolFlags.Class) return `class ${name}`;
    if (flags & ts.SymbolFlags.Interface) return `interface ${name}`;
    if (ts.isTypeAliasDeclaration(node)) {
      return membersOf(node).length > 0 ? `type ${name}` : node.getText().replace(/^export /, '');
    }
    if (flags & ts.SymbolFlags.ValueModule) return `namespace ${name}`;
    return `const ${name}: ${this.checker.typeToString(this.checker.getTypeOfSymbol(symbol), node)}`;
  }
}

type Member = ts.TypeElement | ts.ClassElement;

function membersOf(node: ts.Node): Member[] {
  const list = ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type) ? node.type : node;
  if (!ts.isInterfaceDeclaration(list) && !ts.isClassDeclaration(list) && !ts.isTypeLiteralNode(list))
    return [];
  return [...(list.members as ts.NodeArray<Member>)].filter((member) => {
    const hidden =
      ts.getCombinedModifierFlags(member as ts.Declaration) &
      (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
    return member.name !== undefined && !ts.isPrivateIdentifier(member.name) && !hidden;
  });
}

/** A member as it is written, on one line and without its body. */
function signatureOf(member: Member): string {
  const { body } = member as { body?: ts.Node };
  const text = member.getText();
  const head = body ? text.slice(0, body.getStart() - member.getStart()) : text;
  return head
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/[;,]? ?$/, '')
    .trim();
}

/** What the tags of a comment say of parameters, result and errors. */
function tagLines(node: ts.Declaration): string[] {
  return ts.getJSDocTags(node).flatMap((tag) => {
    const words = tag
      .getText()
      .replace(/^@\w+\s*/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*\*\s?/, ''))
      .join(' ')
      .trim();
    const text = linkless(words);
    if (tag.tagName.text === 'param') return [`- ${text.replace(/^(\S+)\s*(?:-\s*)?/, '`$1`: ')}`];
    if (tag.tagName.text === 'returns') return [`- Returns: ${text}`];
    if (tag.tagName.text === 'throws') return [`- Throws ${text}`];
    return [];
  });
}

/** `{@link X}` as plain code: the page has its own order. */
function linkless(text: string): string {
  return text.replace(/\{@link ([^}]+)\}/g, '`$1`');
}

if (require.main === module) {
  const { pages, undocumented } = describeApi();
  if (undocumented.length > 0) {
    process.stderr.write(`No documentation comment: ${undocumented.join(', ')}\n`);
    process.exitCode = 1;
  } else {
    rmSync(API_PAGES, { recursive: true, force: true });
    mkdirSync(API_PAGES, { recursive: true });
    for (const [name, page] of pages) writeFileSync(join(API_PAGES, name), page);
  }
}
