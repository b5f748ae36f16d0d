/** Most parts that a drawing may repeat, those inside repeated ones included; a browser draws them in a moment. */
export const MOST_REPEATS = 20_000;

/**
 * How many parts a browser draws for the `<use>` elements of a drawing. A few lines in which each repeats the one before
 * ten times over would keep it busy for ever.
 */
export function repeats(svg: string): number {
  const targets = new Map<string, string[]>();
  const open: string[] = [];
  const outside: string[] = [];
  for (const [, closing, name, attributes, isEmpty] of svg.matchAll(
    /<(\/?)([a-zA-Z][\w:-]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>/g,
  )) {
    if (closing) {
      open.pop();
      continue;
    }
    const id = /(?:^|\s)id=["']([^"']*)["']/.exec(attributes)?.[1] ?? '';
    const used = /^use$/i.test(name) ? /(?:^|\s|:)href=["']#([^"']*)["']/.exec(attributes)?.[1] : undefined;
    if (used !== undefined) {
      const owners = new Set([...open, id].filter(Boolean));
      for (const owner of owners) {
        const inner = targets.get(owner);
        if (inner) inner.push(used);
        else targets.set(owner, [used]);
      }
      if (owners.size === 0) outside.push(used);
    }
    if (!isEmpty) open.push(id);
  }
  const known = new Map<string, number>();
  const count = (id: string): number => {
    const before = known.get(id);
    if (before !== undefined) return before;
    // What uses itself is drawn by no browser.
    known.set(id, 0);
    const inner = (targets.get(id) ?? []).reduce((sum, used) => sum + 1 + count(used), 0);
    known.set(id, inner);
    return inner;
  };
  const all = [...outside, ...[...targets.values()].flat()];
  return all.reduce((sum, used) => sum + 1 + count(used), 0);
}
