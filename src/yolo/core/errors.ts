/**
 * A mistake that the user can mend: a wrong path, a broken file, an impossible setting, an argument of another kind.
 *
 * The message says what was given, what was expected and what to do. It carries no stack trace: neither a
 * terminal nor a notebook shows one for it. Everything else (a plain `Error`, a `TypeError`) is a bug of ours
 * and keeps its stack.
 */
export class UserError extends Error {
  /** @param message - One sentence or two, without an end of line. */
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

/**
 * Do something, and put what the system says of a failure into words.
 *
 * @param failed - Whose failure it is and which, as in `runs/a: cannot write checkpoint`.
 * @param advice - What to do about it.
 * @throws UserError `FAILED (what the system says); ADVICE`, or the one that `work` throws.
 */
export async function explaining<T>(failed: string, advice: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${failed} (${messageOf(error)}); ${advice}`);
  }
}

/** Characters of a value that a message shows. */
const SHOWN = 60;

/**
 * A value in a message, in one line in which nothing steers a terminal: texts, numbers and short lists of them as they
 * are, of anything else what it is.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '?');
    return `'${text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text}'`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    const list = value.length <= SHOWN ? `[${value.map(shown).join(', ')}]` : '';
    return list !== '' && list.length <= SHOWN ? list : `an array of ${value.length}`;
  }
  const { shape } = value as { shape?: unknown };
  const kind: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (kind === 'Tensor' || kind === 'Variable') return `a tensor of shape ${shown(shape)}`;
  return typeof kind === 'string' && kind !== 'Object' ? `an object (${kind})` : 'an object';
}
