import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { NotebookError } from '../errors';
import { type CellOptions, executeCells } from './executeCells';
import { readText, writeNotebook } from './file';
import { codeCells, type Notebook } from './format';
import { takeFreshness } from './freshness';
import { INPUTS_VARIABLE } from './inputs';
import { NotedInputs } from './notedInputs';
import { parseNotebook } from './parse';

/** How a notebook is executed. */
export interface ExecuteNotebookOptions extends CellOptions {
  /** Where the executed notebook is written. Default: back to its file. */
  readonly output?: string;
}

/**
 * Executes a notebook in a fresh tslab kernel, cell by cell, and stores its outputs and what they depend on.
 *
 * @param file - Path of the notebook; cells are executed in its folder.
 * @throws {@link NotebookError} at the first cell that fails, with file, cell and error; then nothing is written.
 */
export async function executeNotebook(file: string, options: ExecuteNotebookOptions = {}): Promise<Notebook> {
  const text = readText(file);
  const notebook = parseNotebook(text, file, { withoutOutputs: true });
  checkKernel(notebook, file);
  const scratch = mkdtempSync(join(tmpdir(), 'yolov1-notebook-'));
  try {
    const notes = new NotedInputs(join(scratch, 'inputs'));
    const cells = codeCells(notebook);
    const languageInfo = await executeCells(notebook, file, {
      ...options,
      onProgress: (progress) => {
        if (progress.state === 'done') notes.endCell(cells[progress.cell - 1].id);
        options.onProgress?.(progress);
      },
      env: { ...options.env, [INPUTS_VARIABLE]: notes.file },
    });
    complete(notebook, languageInfo);
    const freshness = takeFreshness(notebook, file, notes.all());
    const cellInputs = notes.byCell(dirname(resolve(file)));
    notebook.metadata.yolov1 = {
      ...(notebook.metadata.yolov1 as object | undefined),
      freshness,
      cellInputs,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (options.output === undefined && readText(file) !== text) {
    throw new NotebookError(
      `${file}: was changed while it was executed; nothing was written, execute it again`,
    );
  }
  await writeNotebook(options.output ?? file, notebook);
  return notebook;
}

/** What JupyterLab writes when it saves a notebook of this kernel; what differs from run to run is left out. */
function complete(notebook: Notebook, languageInfo: Readonly<Record<string, unknown>>): void {
  notebook.metadata.kernelspec = { display_name: 'TypeScript', language: 'typescript', name: 'tslab' };
  notebook.metadata.language_info = languageInfo;
  // Times of execution, by JupyterLab and by an extension to its predecessor.
  for (const cell of notebook.cells) {
    delete cell.metadata.execution;
    delete cell.metadata.ExecuteTime;
  }
}

/** A notebook that was never saved names no kernel; it is taken for one of ours. */
function checkKernel({ metadata }: Notebook, file: string): void {
  const kernel = (metadata.kernelspec as { name?: unknown } | undefined | null)?.name ?? 'tslab';
  if (kernel === 'tslab') return;
  throw new NotebookError(
    `${file}: is for the kernel ${JSON.stringify(kernel)}, expected "tslab"; open it with \`npm run lab\` and choose the kernel TypeScript`,
  );
}
