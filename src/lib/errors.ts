/**
 * A mistake in a notebook, or in how it was started, that its author can mend: one line that names the file,
 * and where there is one the cell, what is wrong and what to do. It carries no stack trace.
 */
export class NotebookError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotebookError';
    this.stack = `${this.name}: ${message}`;
  }
}
