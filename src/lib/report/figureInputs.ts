import type { CellStatement } from './cellStatements';

/** A statement with the files that what it does rests on. */
interface Step extends CellStatement {
  readonly inputs: ReadonlySet<string>;
}

/**
 * Which files each figure of a notebook was made from. When a notebook is executed, it is noted which cell read what;
 * from there the code is followed: a variable that a reading statement makes or changes carries what was read, and so
 * does each that is made or changed with it. What a figure's own statement uses is what the figure was made from. Where
 * the code leaves it open, a file is named too often rather than too rarely.
 *
 * @param cells - The statements of each code cell, in the order in which they are executed.
 * @param inputsOf - What was read while a cell was executed, by its place in the list from 0.
 * @returns For a cell, by its place in the list from 0, and a label: the files, sorted.
 */
export function figureInputs(
  cells: readonly (readonly CellStatement[])[],
  inputsOf: (cell: number) => readonly string[],
): (cell: number, label: string) => string[] {
  const functions = new Map<string, CellStatement>();
  for (const statement of cells.flat()) {
    if (statement.isFunction) for (const name of statement.declares) functions.set(name, statement);
  }
  // Packages and what comes with the language hold no results.
  const shared = new Set(cells.flat().flatMap(({ declares }) => [...declares]));
  const carried = new Map<string, ReadonlySet<string>>();
  const inputsIn = (names: ReadonlySet<string>) =>
    [...names].flatMap((name) => [...(carried.get(name) ?? [])]);
  const steps = cells.map((statements, cell) => {
    const done = statements.filter(({ isFunction }) => !isFunction).map((one) => withCalled(one, functions));
    const reads = readersOf(done, shared);
    return done.map((statement): Step => {
      const inputs = new Set([...inputsIn(statement.uses), ...(reads(statement) ? inputsOf(cell) : [])]);
      for (const name of statement.declares) carried.set(name, inputs);
      for (const name of statement.modifies)
        if (shared.has(name)) carried.set(name, new Set([...(carried.get(name) ?? []), ...inputs]));
      return { ...statement, inputs };
    });
  });
  return (cell, label) => {
    const own = steps[cell];
    const named = own.filter(({ texts, shows }) => shows && texts.has(label));
    const showing = own.filter(({ shows }) => shows);
    const from = named.length > 0 ? named : showing.length > 0 ? showing : own;
    return [...new Set(from.flatMap(({ inputs }) => [...inputs]))].sort();
  };
}

/**
 * Of a cell's statements, those in which what the cell read may be: each that notes it, and each that has to do with a
 * variable that goes with a note, or with the same words in quotes, such as a path. Without a note any may have it.
 */
function readersOf(
  statements: readonly CellStatement[],
  shared: ReadonlySet<string>,
): (statement: CellStatement) => boolean {
  const notes = statements.filter(({ records }) => records);
  const names = notes.map(({ declares, modifies }) =>
    [...declares, ...modifies].filter((name) => shared.has(name)),
  );
  const words = notes.flatMap(({ texts }, k) => (names[k].length === 0 ? [...texts] : []));
  const has = ({ declares, uses, modifies, texts }: CellStatement) =>
    names.flat().some((name) => declares.has(name) || uses.has(name) || modifies.has(name)) ||
    words.some((text) => texts.has(text));
  const isOpen = notes.some(
    (note, k) => names[k].length === 0 && !statements.some((other) => other !== note && has(other)),
  );
  return (statement) => notes.length === 0 || isOpen || statement.records || has(statement);
}

/** A statement with all that the functions do which it calls, and those which these call. */
function withCalled(statement: CellStatement, functions: ReadonlyMap<string, CellStatement>): CellStatement {
  const [uses, modifies, texts] = [statement.uses, statement.modifies, statement.texts].map(
    (set) => new Set(set),
  );
  let { records, shows } = statement;
  const walked = new Set<CellStatement>();
  // The set grows while it is walked.
  for (const name of uses) {
    const behind = functions.get(name);
    if (!behind || walked.has(behind)) continue;
    walked.add(behind);
    for (const other of behind.uses) uses.add(other);
    for (const other of behind.modifies) modifies.add(other);
    for (const text of behind.texts) texts.add(text);
    records ||= behind.records;
    shows ||= behind.shows;
    if (behind.changesArguments) for (const other of statement.gives.get(name) ?? []) modifies.add(other);
  }
  return { ...statement, uses, modifies, texts, records, shows };
}
