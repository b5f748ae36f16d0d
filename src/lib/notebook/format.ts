import { createHash } from 'node:crypto';
import type { Output } from '../kernel/outputs';
import { formatJson } from './json';
import { splitLines } from './lines';

/** What all cells have. Multi-line text is one string here and a list of lines in the file. */
interface CellBase {
  /** Unique in the notebook: letters, digits, `-` and `_`. */
  id: string;
  metadata: Record<string, unknown>;
  source: string;
}

/** Prose, or text that is passed through. */
export interface TextCell extends CellBase {
  cell_type: 'markdown' | 'raw';
  /** Pictures that the text refers to, by name, each by MIME type. */
  attachments?: Record<string, Record<string, unknown>>;
}

export interface CodeCell extends CellBase {
  cell_type: 'code';
  execution_count: number | null;
  outputs: Output[];
}

export type Cell = TextCell | CodeCell;

/** A notebook of nbformat 4.5. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: 4;
  nbformat_minor: number;
}

/** The code cells of a notebook, in order; cell 1 of an error message is the first of them. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === 'code');
}

/** Text of a notebook's file, byte for byte as nbformat writes it. */
export function formatNotebook(notebook: Notebook): string {
  return formatJson({ ...notebook, cells: notebook.cells.map(splitCell) });
}

/** An id for a cell that has none: the same for the same cell at the same place. */
export function newCellId(index: number, source: string): string {
  return createHash('sha256').update(`${index}\n${source}`).digest('hex').slice(0, 8);
}

function splitCell(cell: Cell): Record<string, unknown> {
  const split: Record<string, unknown> = { ...cell, source: splitLines(cell.source) };
  if (cell.cell_type === 'code') {
    split.outputs = cell.outputs.map(splitOutput);
  } else if (cell.attachments) {
    const attachments = Object.entries(cell.attachments);
    split.attachments = Object.fromEntries(attachments.map(([name, bundle]) => [name, splitBundle(bundle)]));
  }
  return split;
}

function splitOutput(output: Output): Record<string, unknown> {
  if (output.output_type === 'stream') return { ...output, text: splitLines(output.text) };
  if (output.output_type === 'error') return { ...output };
  return { ...output, data: splitBundle(output.data) };
}

/** nbformat splits text, scripts and SVG; other types stay one string, and JSON what it is. */
function splitBundle(bundle: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(bundle).map(([type, value]) => {
    const text = type.startsWith('text/') || type === 'application/javascript' || type === 'image/svg+xml';
    return [type, text && typeof value === 'string' ? splitLines(value) : value];
  });
  return Object.fromEntries(entries);
}
