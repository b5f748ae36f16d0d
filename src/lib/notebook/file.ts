import { readFileSync, statSync } from 'node:fs';
import { writeWholeFile } from 'yolov1/record';
import { NotebookError } from '../errors';
import { formatNotebook, type Notebook } from './format';
import { type ParseOptions, parseNotebook } from './parse';

/** Largest notebook file that is read, in bytes. */
const FILE_LIMIT = 200e6;

/**
 * Reads a notebook and checks it.
 *
 * @throws {@link NotebookError} if there is no such file, it is larger than 200 MB, or it is no valid notebook.
 */
export function readNotebook(file: string, options: ParseOptions = {}): Notebook {
  try {
    return parseNotebook(readText(file), file, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotebookError(`${file}: is nested too deeply for a notebook; restore the file`);
  }
}

/** Text of a notebook's file; see {@link readNotebook}. */
export function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > FILE_LIMIT) {
      throw new NotebookError(
        `${file}: is ${Math.round(size / 1e6)} MB, expected at most ${FILE_LIMIT / 1e6} MB; restore it without its outputs`,
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof NotebookError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new NotebookError(`${file}: ${reason}; give the path of a notebook (.ipynb)`);
  }
}

/** Writes a notebook; after a crash or on a full disk the file is the old one or the new one, never half of it. */
export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  try {
    await writeWholeFile(file, formatNotebook(notebook));
  } catch (error) {
    throw new NotebookError(`${file}: could not be written (${(error as Error).message})`);
  }
}
