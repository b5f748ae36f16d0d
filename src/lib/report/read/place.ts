import { NotebookError } from '../../errors';

/** Where something of the report comes from. */
export interface Place {
  /** Name of the notebook's file, such as `03-frozen-backbone.ipynb`. */
  notebook: string;
  kind: 'code' | 'Markdown' | 'raw' | 'claim' | 'file';
  /** Which cell of its kind, from 1: a code cell run in order has this number beside it in JupyterLab. */
  cell: number;
}

/** The place in words, as it stands in messages and under figures. */
export function placeWords({ notebook, kind, cell }: Place): string {
  if (kind === 'file') return notebook;
  const words = { code: 'cell', Markdown: 'Markdown cell', raw: 'raw cell', claim: 'claim' };
  return `${notebook}, ${words[kind]} ${cell}`;
}

/** An error that ends the build, with its place. */
export function errorAt(place: Place, problem: string): NotebookError {
  return new NotebookError(`${placeWords(place)}: ${problem}`);
}
