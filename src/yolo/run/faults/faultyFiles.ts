import promises, { type FileHandle } from 'node:fs/promises';
import { mock } from 'node:test';

/** What the system can say to a call; `short` takes a part of what is written before the disk is full. */
export type Failure = 'EIO' | 'ENOSPC' | 'EACCES' | 'short';

/** One call of the file system by the program. */
export interface Call {
  /** Name of the function, such as `rename` or `file.sync`. */
  readonly name: string;
  readonly path: string;
  /** Whether it takes bytes, so that it can take a part of them. */
  readonly writes: boolean;
}

type AnyFunction = (...args: never[]) => Promise<unknown>;

/** Everything that a run calls, of the module and of open files. Their first argument is a path, or else bytes. */
const FUNCTIONS = [
  'appendFile',
  'link',
  'mkdir',
  'open',
  'readFile',
  'readdir',
  'realpath',
  'rename',
  'rm',
  'rmdir',
  'stat',
  'writeFile',
] as const;
const METHODS = ['appendFile', 'read', 'stat', 'sync', 'write'] as const;
const WRITES = ['appendFile', 'writeFile', 'file.appendFile', 'file.write'];

/**
 * Stands between the program and the file system: notes each call that concerns one folder, and lets chosen ones fail.
 * It replaces functions of `node:fs/promises` and methods of its file handles; the program knows nothing of it.
 */
export class FaultyFiles {
  readonly calls: Call[] = [];
  private readonly opened = new WeakMap<object, string>();
  private readonly full = new WeakSet<object>();
  private folder = '';
  private decide: (call: Call, index: number) => Failure | undefined = () => undefined;
  private readonly restorers: (() => void)[] = [];

  private constructor() {}

  static async install(): Promise<FaultyFiles> {
    const faulty = new FaultyFiles();
    const sample = await promises.open(__filename);
    const prototype = Object.getPrototypeOf(sample) as Record<string, AnyFunction>;
    await sample.close();
    const module = promises as unknown as Record<string, AnyFunction>;
    for (const name of FUNCTIONS) {
      const original = module[name];
      const replaced = mock.method(module, name, (...args: never[]) =>
        faulty.called({ name, path: String(args[0]) }, args, (changed) => original.apply(module, changed)),
      );
      faulty.restorers.push(() => replaced.mock.restore());
    }
    for (const name of METHODS) {
      const original = prototype[name];
      const replaced = mock.method(prototype, name, function (this: FileHandle, ...args: never[]) {
        const call = { name: `file.${name}`, path: faulty.opened.get(this) ?? '' };
        return faulty.called(call, args, (changed) => original.apply(this, changed), this);
      });
      faulty.restorers.push(() => replaced.mock.restore());
    }
    return faulty;
  }

  /** From here on: note the calls that concern a folder, and let those fail for which `decide` says so. */
  watch(folder: string, decide: (call: Call, index: number) => Failure | undefined = () => undefined): void {
    this.calls.length = 0;
    this.folder = folder;
    this.decide = decide;
  }

  /** Nothing fails from here on. */
  rest(): void {
    this.folder = '';
    this.decide = () => undefined;
  }

  uninstall(): void {
    for (const restore of this.restorers) restore();
  }

  private async called(
    { name, path }: Omit<Call, 'writes'>,
    args: never[],
    proceed: (args: never[]) => Promise<unknown>,
    file?: FileHandle,
  ): Promise<unknown> {
    if (this.folder === '' || !path.startsWith(this.folder)) return proceed(args);
    const call = { name, path, writes: WRITES.includes(name) };
    this.calls.push(call);
    const failure = this.decide(call, this.calls.length - 1);
    if (file && call.writes && this.full.has(file)) throw systemError('ENOSPC', call);
    if (failure === 'short' && call.writes) return this.short(call, args, proceed, file);
    if (failure !== undefined) {
      // What the system does with a file that can't be closed: it is closed.
      if (name === 'file.close') await proceed(args);
      throw systemError(failure === 'short' ? 'ENOSPC' : failure, call);
    }
    const result = await proceed(args);
    if (name === 'open') this.follow(result as FileHandle, path);
    return result;
  }

  private follow(file: FileHandle, path: string): void {
    this.opened.set(file, path);
    // The only method that is each file's own.
    const close = file.close.bind(file);
    file.close = () => this.called({ name: 'file.close', path }, [], close) as Promise<void>;
  }

  /** Half of the bytes arrive. `write` says so, and fails when it is called for the others; the rest fail by themselves. */
  private async short(
    call: Call,
    args: never[],
    proceed: (args: never[]) => Promise<unknown>,
    file: FileHandle | undefined,
  ): Promise<unknown> {
    if (call.name === 'file.write') {
      const [bytes, from, count] = args as unknown as [Uint8Array, number, number];
      if (count > 1) {
        this.full.add(file!);
        return proceed([bytes, from, Math.floor(count / 2)] as unknown as never[]);
      }
    } else {
      const place = file ? 0 : 1;
      const changed = [...args] as unknown[];
      const content = changed[place] as string | Uint8Array;
      changed[place] = content.slice(0, content.length / 2);
      await proceed(changed as never[]);
    }
    throw systemError('ENOSPC', call);
  }
}

function systemError(code: Exclude<Failure, 'short'>, { name, path }: Call): Error {
  const words = { EIO: 'i/o error', ENOSPC: 'no space left on device', EACCES: 'permission denied' }[code];
  const error = new Error(`${code}: ${words}, ${name.replace('file.', '')} '${path}'`);
  return Object.assign(error, { code, syscall: name, path });
}
