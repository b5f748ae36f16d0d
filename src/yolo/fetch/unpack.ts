import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { messageOf, UserError } from '../core/errors';
import { cannotWrite } from './disk';
import { type Machine, writeAll } from './machine';
import type { FetchProgress } from './progress';

/** What {@link unpack} is given. */
export interface UnpackOptions {
  /** Folder of the archive whose content is wanted, such as `VOCdevkit/VOC2012`; files elsewhere are passed over. */
  readonly wanted: string;
  /** Empty folder that gets the content. */
  readonly into: string;
  /** An archive with more files and folders is refused. */
  readonly maxEntries: number;
  readonly signal: AbortSignal;
  readonly progress: FetchProgress;
  readonly machine: Machine;
}

const FILES = new Set(['File', 'OldFile', 'ContiguousFile']);
/** First bytes of gzip, bzip2, xz and zstd. */
const COMPRESSED = ['1f8b', '425a68', 'fd377a585a', '28b52ffd'].map((hex) => Buffer.from(hex, 'hex'));

/**
 * Unpacks files and folders of an uncompressed tar. Nothing but plain files is ever made, each of them new, so no
 * name in the archive can lead out of the folder. Owners, permissions and times of the archive are ignored.
 *
 * The folder may hold a part of the content when it throws: the caller removes it.
 *
 * @throws {@link UserError} if the archive is damaged, compressed, names a path outside its folder, a link or a
 *   device, the same file twice, more entries than allowed or more bytes than it has, or if the disk is full; the
 *   signal's reason if it is aborted.
 */
export async function unpack(archive: string, options: UnpackOptions): Promise<void> {
  const { size } = await stat(archive);
  await refuseCompressed(archive);
  const taker = new Taker(archive, size, options);
  const { signal, progress } = options;
  signal.throwIfAborted();
  const source = createReadStream(archive, { highWaterMark: 1 << 20, signal });
  progress.begin(`unpacking ${options.wanted}`, size, 0);
  try {
    await new Promise<void>((resolve, reject) => {
      let taken = Promise.resolve();
      const parser = new Parser({
        onReadEntry: (entry) => {
          taken = taken.then(() => taker.take(entry)).then(() => progress.advance(source.bytesRead));
          taken.catch(reject);
        },
        onwarn: (_code, message) => reject(taker.refusal(`is damaged: ${messageOf(message)}`)),
      });
      parser.on('ignoredEntry', (entry: ReadEntry) => reject(taker.refusedEntry(entry)));
      parser.once('eof', () => {
        // What follows the end mark is nobody's.
        source.unpipe();
        parser.end();
      });
      parser.once('end', () => taken.then(resolve, reject));
      source.once('error', reject);
      // It has everything of a writable stream that pipe() asks for.
      source.pipe(parser as unknown as NodeJS.WritableStream);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    source.destroy();
    await taker.stop();
    progress.end();
  }
}

/** Judges the entries of one archive and writes those that are wanted, one after the other. */
class Taker {
  private entries = 0;
  private bytes = 0;
  private stopped = false;
  private current?: { entry: ReadEntry; writing: Promise<void> };

  constructor(
    private readonly archive: string,
    private readonly size: number,
    private readonly options: UnpackOptions,
  ) {}

  async take(entry: ReadEntry): Promise<void> {
    if (this.stopped) return;
    const path = this.judge(entry);
    if (path === undefined || entry.type === 'Directory') {
      if (path !== undefined) await this.makeFolder(path);
      entry.resume();
      return;
    }
    const writing = this.write(entry, path);
    this.current = { entry, writing };
    await writing;
    this.current = undefined;
  }

  /** Ends what is being written; afterwards nothing touches the folder any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.current?.entry.destroy();
    await this.current?.writing.catch(() => undefined);
  }

  refusal(what: string): UserError {
    return new UserError(
      `${this.archive}: the archive ${what}; it is not unpacked, fetch it again or elsewhere`,
    );
  }

  refusedEntry({ type, path }: ReadEntry): UserError {
    return this.refusal(`holds '${path}', a ${type}, expected nothing but files and folders`);
  }

  /** Path below the wanted folder, or undefined if the entry lies elsewhere. */
  private judge(entry: ReadEntry): string | undefined {
    const { path, size, type } = entry;
    if (type !== 'Directory' && !FILES.has(type)) throw this.refusedEntry(entry);
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (path.startsWith('/') || parts.includes('..') || /[\\\0]|^[a-z]:/i.test(path)) {
      throw this.refusal(`names the path '${path}', which leads out of its folder`);
    }
    this.entries++;
    if (this.entries > this.options.maxEntries) {
      throw this.refusal(`holds more than ${this.options.maxEntries} entries, far more than it should`);
    }
    this.bytes += size;
    // Each size is judged before its bytes come, so that none is written that can't be meant.
    if (!(Number.isSafeInteger(size) && size >= 0 && this.bytes <= this.size)) {
      throw this.refusal(`claims ${this.bytes} bytes of content up to '${path}' but has ${this.size}`);
    }
    const wanted = this.options.wanted.split('/');
    const inside = wanted.every((part, index) => parts[index] === part);
    return inside ? parts.slice(wanted.length).join('/') : undefined;
  }

  private async makeFolder(path: string): Promise<void> {
    try {
      await mkdir(join(this.options.into, path), { recursive: true });
    } catch (error) {
      throw this.writeError(path, error);
    }
  }

  private async write(entry: ReadEntry, path: string): Promise<void> {
    await this.makeFolder(dirname(path));
    try {
      const file = await this.options.machine.open(join(this.options.into, path), 'wx');
      try {
        let position = 0;
        this.requireRunning();
        for await (const chunk of entry) {
          await writeAll(file, chunk, position);
          position += chunk.length;
          this.requireRunning();
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      throw this.writeError(path, error);
    }
  }

  /** An entry that was destroyed while nobody was reading from it would never end. */
  private requireRunning(): void {
    if (this.stopped) throw new Error('unpacking was stopped');
  }

  private writeError(path: string, error: unknown): UserError {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR'
      ? this.refusal(`holds '${path}' twice`)
      : cannotWrite(join(this.options.into, path), error);
  }
}

/** An uncompressed tar can't hold more than its own size; a compressed one can be a bomb, and VOC has none. */
async function refuseCompressed(archive: string): Promise<void> {
  const file = await open(archive);
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    if (COMPRESSED.some((magic) => buffer.subarray(0, magic.length).equals(magic))) {
      throw new UserError(
        `${archive}: the archive is compressed, expected a plain tar; give another address with --url`,
      );
    }
  } finally {
    await file.close();
  }
}
