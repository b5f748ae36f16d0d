import ts from 'typescript';
import { errorAt, type Place } from './place';
import { declaredBy, definesFunctions, isAssignment, isName, namesIn, rootOf } from './statementNames';

/** What one statement at the top of a cell does with the names that cells share. */
export interface CellStatement {
  readonly declares: ReadonlySet<string>;
  readonly uses: ReadonlySet<string>;
  /** Names whose values it may change, by an assignment or a call such as `runs[arm].push(run)`. */
  readonly modifies: ReadonlySet<string>;
  /** Whether it only says what happens when someone calls it. */
  readonly isFunction: boolean;
  /** Whether a function in it changes what it is given. */
  readonly changesArguments: boolean;
  /** Names of functions that it gives names to: `{ f: [a, b] }` for `f(a, g(b))`. */
  readonly gives: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether it calls `recordInput`. */
  readonly records: boolean;
  /** Whether it calls `showFigure`. */
  readonly shows: boolean;
  /** Its texts in quotes: labels are among them. */
  readonly texts: ReadonlySet<string>;
  /** Its numbers, as they are written. */
  readonly numbers: ReadonlySet<string>;
}

/** Methods that change what they are called on. */
const CHANGING =
  /^(?:push|unshift|splice|pop|shift|set|add|delete|clear|sort|reverse|fill|copyWithin|append|assign)$/;

/** Names of a scope inside a statement, with the shared names that what they hold may be a part of. */
type Scope = Map<string, ReadonlySet<string> | 'argument'>;

/**
 * Reads the statements of a cell; imports give names that hold no results and are left out.
 *
 * @throws NotebookError with the place for code that nobody wrote, nested thousands of levels deep.
 */
export function readStatements(source: string, place: Place): CellStatement[] {
  try {
    const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
    return file.statements
      .filter((node) => !ts.isImportDeclaration(node))
      .map((node) => new StatementReader().read(node));
  } catch (error) {
    if (error instanceof RangeError) throw errorAt(place, 'its code is nested too deeply to be read');
    throw error;
  }
}

class StatementReader {
  private readonly uses = new Set<string>();
  private readonly modifies = new Set<string>();
  private readonly gives = new Map<string, Set<string>>();
  private readonly texts = new Set<string>();
  private readonly numbers = new Set<string>();
  private readonly scopes: Scope[] = [];
  private changesArguments = false;
  private records = false;
  private shows = false;

  read(node: ts.Statement): CellStatement {
    this.visit(node);
    const { uses, modifies, gives, texts, numbers, changesArguments, records, shows } = this;
    const declares = declaredBy(node);
    return {
      ...{ declares, uses, modifies, gives, texts, numbers, changesArguments, records, shows },
      isFunction: definesFunctions(node),
    };
  }

  private visit(node: ts.Node): void {
    if (ts.isTypeNode(node)) return;
    if (ts.isStringLiteralLike(node)) this.texts.add(node.text);
    if (ts.isNumericLiteral(node)) this.numbers.add(node.text);
    if (ts.isIdentifier(node)) this.use(node.text);
    else if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) this.change(node.left);
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) this.count(node);
    else if (ts.isDeleteExpression(node)) this.change(node.expression);
    else if (ts.isCallExpression(node)) this.call(node);
    const scope = this.scopeOf(node);
    if (scope) this.scopes.push(scope);
    ts.forEachChild(node, (child) => {
      if (!isName(node, child)) this.visit(child);
    });
    if (scope) this.scopes.pop();
  }

  private use(name: string): void {
    if (!this.local(name)) this.uses.add(name);
  }

  private local(name: string): ReadonlySet<string> | 'argument' | undefined {
    return this.scopes.findLast((scope) => scope.has(name))?.get(name);
  }

  private count(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): void {
    if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
      this.change(node.operand);
  }

  private call({ expression, arguments: given }: ts.CallExpression): void {
    const name = ts.isPropertyAccessExpression(expression)
      ? expression.name.text
      : ts.isIdentifier(expression)
        ? expression.text
        : '';
    if (name === 'recordInput') {
      this.records = true;
      // What was read is in the variable whose path is noted.
      for (const part of given) this.change(part);
    }
    if (name === 'showFigure') this.shows = true;
    if (ts.isPropertyAccessExpression(expression) && CHANGING.test(name)) this.change(expression.expression);
    if (name === 'assign' && given[0]) this.change(given[0]);
    if (!ts.isIdentifier(expression) || this.local(name)) return;
    const names = this.gives.get(name) ?? new Set();
    for (const part of given) for (const other of this.sharedIn(part)) names.add(other);
    this.gives.set(name, names);
  }

  /** Notes that the value that an expression leads to may be changed. */
  private change(target: ts.Node): void {
    if (ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target)) {
      for (const name of this.sharedIn(target)) this.modifies.add(name);
      return;
    }
    const name = rootOf(target);
    const local = name === undefined ? undefined : this.local(name);
    if (local === 'argument') this.changesArguments = true;
    else if (local) for (const other of local) this.modifies.add(other);
    else if (name !== undefined) this.modifies.add(name);
  }

  /** Shared names in an expression, those behind local ones too. */
  private sharedIn(node: ts.Node): Set<string> {
    const names = new Set<string>();
    const look = (part: ts.Node): void => {
      if (ts.isTypeNode(part)) return;
      if (ts.isIdentifier(part)) {
        const local = this.local(part.text);
        if (!local) names.add(part.text);
        else if (local !== 'argument') for (const other of local) names.add(other);
      }
      ts.forEachChild(part, (child) => {
        if (!isName(part, child)) look(child);
      });
    };
    look(node);
    return names;
  }

  /** The names that are known inside of a node only. */
  private scopeOf(node: ts.Node): Scope | undefined {
    const scope: Scope = new Map();
    const take = (names: Iterable<string>, holds: ReadonlySet<string> | 'argument') => {
      for (const name of names) scope.set(name, holds);
    };
    const takeList = (list: ts.VariableDeclarationList, from?: ts.Node) => {
      for (const { name, initializer } of list.declarations) {
        const root = initializer && rootOf(initializer);
        const inner = root === undefined ? new Set<string>() : (this.local(root) ?? new Set([root]));
        take(namesIn(name), from ? this.sharedIn(from) : inner);
      }
    };
    if (ts.isFunctionLike(node)) {
      for (const { name } of node.parameters) take(namesIn(name), 'argument');
    } else if (ts.isBlock(node) || ts.isCaseOrDefaultClause(node)) {
      for (const part of node.statements) {
        if (ts.isVariableStatement(part)) {
          this.scopes.push(scope);
          takeList(part.declarationList);
          this.scopes.pop();
        } else take(declaredBy(part), new Set());
      }
    } else if (ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node)) {
      const from = ts.isForStatement(node) ? undefined : node.expression;
      if (node.initializer && ts.isVariableDeclarationList(node.initializer))
        takeList(node.initializer, from);
    } else if (ts.isCatchClause(node) && node.variableDeclaration) {
      take(namesIn(node.variableDeclaration.name), new Set());
    }
    return scope.size > 0 ? scope : undefined;
  }
}
