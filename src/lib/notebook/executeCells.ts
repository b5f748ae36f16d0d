import { dirname, resolve } from 'node:path';
import { NotebookError } from '../errors';
import type { Execution } from '../kernel/execution';
import { Kernel } from '../kernel/kernel';
import { type CodeCell, codeCells, type Notebook } from './format';

/** Most of an error that is shown. */
const MOST_LINES = 20;
const MOST_LETTERS = 2000;

/** What happens while a notebook is executed. */
export interface Progress {
  readonly state: 'started' | 'text' | 'done' | 'failed';
  /** Number of the code cell, from 1. */
  readonly cell: number;
  /** Number of code cells. */
  readonly cells: number;
  /** What the cell printed, where the state is `text`. */
  readonly text: string;
  /** Time since the cell was started. */
  readonly seconds: number;
}

/** How a notebook's cells are executed. */
export interface CellOptions {
  /** Called at the start and end of each code cell, and with what it prints. */
  readonly onProgress?: (progress: Progress) => void;
  /** Longest time for one cell, in milliseconds. Default: no limit. */
  readonly timeout?: number;
  /** Variables added to, or replacing, those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Executes the code cells in a fresh kernel and puts their outputs into the notebook.
 *
 * @returns What the kernel says of its language.
 * @throws {@link NotebookError} at the first cell that fails.
 */
export async function executeCells(
  notebook: Notebook,
  file: string,
  { onProgress = () => {}, timeout, env = {} }: CellOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const cells = codeCells(notebook);
  const kernel = await inNotebook(file, Kernel.start({ cwd: dirname(resolve(file)), env }));
  const executions = new Map<CodeCell, Execution>();
  const place = (index: number) => `${file}: cell ${index + 1} of ${cells.length} (id ${cells[index]?.id})`;
  try {
    for (const [index, cell] of cells.entries()) {
      if (cell.source.trim() === '') continue;
      const start = performance.now();
      const report = (state: Progress['state'], text = '') => {
        const seconds = (performance.now() - start) / 1000;
        onProgress({ state, cell: index + 1, cells: cells.length, text, seconds });
      };
      report('started');
      try {
        const onText = (text: string) => report('text', text);
        const running = kernel.execute(cell.source, {
          ...(timeout === undefined ? {} : { timeout }),
          onText,
        });
        const execution = await inNotebook(place(index), running);
        if (execution.error) throw new NotebookError(`${place(index)} failed: ${shorten(execution.error)}`);
        executions.set(cell, execution);
      } catch (error) {
        report('failed');
        throw error;
      }
      report('done');
    }
    await kernel.settle();
  } finally {
    await kernel.shutdown();
  }
  // Only now: what a cell printed late, or changed in an earlier cell's display, has come.
  for (const [index, cell] of cells.entries()) {
    const execution = executions.get(cell);
    cell.outputs = execution?.outputs() ?? [];
    cell.execution_count = execution?.executionCount ?? null;
    const error = uncaught(cell);
    if (error === undefined) continue;
    throw new NotebookError(
      `${place(index)} or one before it left an error that nothing caught (an \`await\` missing?): ${error}`,
    );
  }
  return kernel.languageInfo;
}

/** Waits; an error gets the notebook and the cell in front. */
async function inNotebook<T>(where: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotebookError) throw new NotebookError(`${where}: ${error.message}`);
    throw error;
  }
}

/** An error as tslab prints it, without the lines that are about tslab or our own layer around it. */
function shorten(error: string): string {
  const lines = error
    .replace(/^evalmachine\.<anonymous>:\d+\n[\s\S]*?\n\n/, '')
    .replace(/^\[(\w*Error: [\s\S]*)\]$/, '$1')
    .split('\n')
    .filter((line) => !/^\s+at .*(node:|[\\/]tslab[\\/]|[\\/]kernel[\\/]cells\.cjs|evalmachine)/.test(line));
  return lines.slice(0, MOST_LINES).join('\n').slice(0, MOST_LETTERS);
}

/** tslab goes on after an error outside of the cell's own call; a notebook that is published must not. */
function uncaught(cell: CodeCell): string | undefined {
  for (const output of cell.outputs) {
    if (output.output_type !== 'stream' || output.name !== 'stderr') continue;
    const error = /^(?:UncaughtException|UnhandledPromiseRejection): ([^\n]*)/m.exec(output.text)?.[1];
    if (error) return error;
  }
  return undefined;
}
