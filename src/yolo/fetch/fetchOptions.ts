import * as v from 'valibot';
import { FUNCTION, PATH, record, SIGNAL, TEXT } from '../core/arguments';
import { MACHINE, type Machine } from './machine';
import { type FetchProgress, SILENT } from './progress';

/** Options of `fetchVoc` and `fetchResnet18`. */
export interface FetchOptions {
  /** Folder that gets the result; made if it isn't there. */
  readonly to: string;
  /** Another address than the published one. */
  readonly url?: string;
  /** Ends the work. What was received is kept, and the next call goes on from there. */
  readonly signal?: AbortSignal;
  /** Is told what is done, to show it. Default: nothing is shown. */
  readonly progress?: FetchProgress;
  /** Parts of the machine to replace, for tests. Default: this machine. */
  readonly machine?: Partial<Machine>;
}

export const FETCH_OPTIONS = record('an object with the folder, to', {
  to: PATH,
  url: v.optional(TEXT),
  signal: v.optional(SIGNAL),
  progress: v.optional(record('what shows the progress', { say: FUNCTION })),
  machine: v.optional(record('parts of the machine')),
});

/** What the steps of a fetch share. */
export interface Tools {
  readonly signal: AbortSignal;
  readonly progress: FetchProgress;
  readonly machine: Machine;
}

/** The options' tools, with defaults. */
export function toolsOf({ signal, progress = SILENT, machine }: FetchOptions): Tools {
  return { signal: signal ?? new AbortController().signal, progress, machine: { ...MACHINE, ...machine } };
}
