/**
 * A mistake that the user can mend: a wrong path, a broken file, an impossible setting.
 *
 * The message says what was given, what was expected and what to do. It carries no stack trace: neither a
 * terminal nor a notebook shows one for it. Everything else (a plain `Error`, a `TypeError`) is a bug of ours
 * and keeps its stack.
 */
export class UserError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UserError';
    this.stack = `${this.name}: ${message}`;
  }
}

/** Work that was asked to stop and has done so in order; the message says what is saved and how to go on. */
export class StoppedError extends UserError {}

/**
 * Message of anything that was thrown, in one line.
 *
 * @param thrown - What a `catch` clause received.
 */
export function messageOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\s*\n\s*/g, ' ');
}
