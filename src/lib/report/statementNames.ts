import ts from 'typescript';

/** Names that a statement gives to those after it. */
export function declaredBy(node: ts.Node): Set<string> {
  if (ts.isVariableStatement(node))
    return new Set(node.declarationList.declarations.flatMap(({ name }) => namesIn(name)));
  const named = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) ? node.name : undefined;
  return new Set(named ? [named.text] : []);
}

/** Whether nothing in a statement happens before someone calls what it declares. */
export function definesFunctions(node: ts.Statement): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return true;
  return (
    ts.isVariableStatement(node) &&
    node.declarationList.declarations.every(
      ({ initializer: value }) => value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)),
    )
  );
}

/** Names of a variable or a pattern such as `{ a, b: [c] }`. */
export function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

/** Whether a child of a node is a name that is given or looked up there, rather than a value. */
export function isName(node: ts.Node, child: ts.Node): boolean {
  if (!ts.isIdentifier(child)) return false;
  if (ts.isShorthandPropertyAssignment(node)) return false;
  if (ts.isBindingElement(node)) return child === node.name || child === node.propertyName;
  return (node as { name?: ts.Node }).name === child;
}

/** Whether an operator changes what is on its left. */
export function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** The variable that an expression such as `runs[arm].list!` or `(runs[arm] ??= [])` leads into. */
export function rootOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isBinaryExpression(node)) return rootOf(node.left);
  const inner = (node as { expression?: ts.Node }).expression;
  const leads =
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isCallExpression(node);
  return leads && inner ? rootOf(inner) : undefined;
}
