import { NotebookError } from '../errors';
import type { Output } from '../kernel/outputs';
import { Checker, isObject, type Json, kind } from './checker';
import { type Cell, type Notebook, newCellId } from './format';
import { joinLines } from './lines';

/** What a notebook is read for. */
export interface ParseOptions {
  /** Whether outputs are left out unread, for a notebook that is about to be executed. Default: false. */
  readonly withoutOutputs?: boolean;
}

/** Largest outputs that one stored cell may have, in characters. */
const STORED_LIMIT = 12_000_000;

/**
 * Reads the text of a notebook and checks it: every field that nbformat 4 asks for is there and of its type.
 * Ids that an older notebook lacks are added.
 *
 * @param file - Name of the file, for error messages.
 * @throws {@link NotebookError} that names the file, the cell and the field.
 */
export function parseNotebook(text: string, file: string, options: ParseOptions = {}): Notebook {
  const notebook = parseJson(text, file);
  const check = new Checker(file);
  if (!isObject(notebook)) throw check.error('', `is ${kind(notebook)}, expected a notebook's JSON object`);
  if (notebook.nbformat !== 4) {
    throw check.error('', `has nbformat ${JSON.stringify(notebook.nbformat)}, expected 4`);
  }
  const minor = check.number(notebook, 'nbformat_minor', '');
  const metadata = check.object(notebook, 'metadata', '');
  const cells = check
    .array(notebook, 'cells', '')
    .map((cell, index) => parseCell(cell, index, check, minor < 5, options));
  const seen = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const other = seen.get(cell.id);
    if (other !== undefined) {
      throw check.error(
        '',
        `has two cells with the id '${cell.id}' (the ${nth(other)} and the ${nth(index)})`,
      );
    }
    seen.set(cell.id, index);
  }
  return { ...notebook, cells, metadata, nbformat: 4, nbformat_minor: Math.max(minor, 5) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, ' ');
    throw new NotebookError(`${file}: is not valid JSON (${reason}); restore the file, or save it again`);
  }
}

function parseCell(
  cell: unknown,
  index: number,
  check: Checker,
  older: boolean,
  options: ParseOptions,
): Cell {
  const where = `${nth(index)} cell`;
  if (!isObject(cell)) throw check.error(where, `is ${kind(cell)}, expected an object`);
  const source = check.text(cell, 'source', where);
  const id = older && cell.id === undefined ? newCellId(index, source) : check.string(cell, 'id', where);
  if (!/^[\w-]{1,64}$/.test(id)) {
    throw check.error(
      where,
      `has the id ${JSON.stringify(id.slice(0, 80))}, expected 1 to 64 letters, digits, - or _`,
    );
  }
  const metadata = { ...check.object(cell, 'metadata', where) };
  delete metadata.trusted;
  const base = { ...cell, id, metadata, source };
  switch (cell.cell_type) {
    case 'markdown':
    case 'raw': {
      if (cell.attachments === undefined) return { ...base, cell_type: cell.cell_type };
      const attachments = Object.entries(check.object(cell, 'attachments', where)).map(([name, bundle]) => {
        if (!isObject(bundle)) throw check.error(where, `has an attachment '${name}' that is no object`);
        return [name, joinBundle(bundle)];
      });
      return { ...base, cell_type: cell.cell_type, attachments: Object.fromEntries(attachments) };
    }
    case 'code': {
      if (options.withoutOutputs) return { ...base, cell_type: 'code', execution_count: null, outputs: [] };
      const count = cell.execution_count;
      if (count !== null && typeof count !== 'number') {
        throw check.error(where, `has the execution_count ${kind(count)}, expected a number or null`);
      }
      const outputs = check.array(cell, 'outputs', where).map((output, i) => {
        return parseOutput(output, `${nth(i)} output of the ${where}`, check);
      });
      const size = JSON.stringify(outputs).length;
      if (size > STORED_LIMIT) {
        throw check.error(
          where,
          `has ${Math.round(size / 1e6)} MB of output, expected at most ${STORED_LIMIT / 1e6} MB`,
        );
      }
      return { ...base, cell_type: 'code', execution_count: count, outputs };
    }
    default:
      throw check.error(
        where,
        `has the cell_type ${JSON.stringify(cell.cell_type)}, expected code, markdown or raw`,
      );
  }
}

function parseOutput(output: unknown, where: string, check: Checker): Output {
  if (!isObject(output)) throw check.error(where, `is ${kind(output)}, expected an object`);
  switch (output.output_type) {
    case 'stream': {
      const name = check.string(output, 'name', where);
      if (name !== 'stdout' && name !== 'stderr') {
        throw check.error(where, `has the name '${name}', expected stdout or stderr`);
      }
      return { ...output, output_type: 'stream', name, text: check.text(output, 'text', where) };
    }
    case 'display_data':
    case 'execute_result': {
      const data = joinBundle(check.object(output, 'data', where));
      const metadata = check.object(output, 'metadata', where);
      if (output.output_type === 'display_data')
        return { ...output, output_type: 'display_data', data, metadata };
      const count = output.execution_count;
      const execution_count = typeof count === 'number' ? count : null;
      return { ...output, output_type: 'execute_result', execution_count, data, metadata };
    }
    case 'error': {
      const traceback = check.strings(output, 'traceback', where);
      const [ename, evalue] = [check.string(output, 'ename', where), check.string(output, 'evalue', where)];
      return { ...output, output_type: 'error', ename, evalue, traceback };
    }
    default:
      throw check.error(
        where,
        `has the output_type ${JSON.stringify(output.output_type)}, expected stream, display_data, execute_result or error`,
      );
  }
}

function joinBundle(bundle: Json): Json {
  const entries = Object.entries(bundle).map(([type, value]) => {
    const lines = Array.isArray(value) && value.every((line) => typeof line === 'string');
    return [type, lines && !type.endsWith('json') ? joinLines(value) : value];
  });
  return Object.fromEntries(entries);
}

/** `1st`, `2nd` and so on, of a 0-based index. */
function nth(index: number): string {
  const number = index + 1;
  const teen = Math.floor((number % 100) / 10) === 1;
  return `${number}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`;
}
