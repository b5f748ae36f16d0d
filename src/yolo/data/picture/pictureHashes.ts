import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { readEnvironment } from '../../core/environment';
import { hashOfFile } from '../../core/hashOf';
import { writeWholeFile } from '../../core/wholeFile';

/** Size, time of the last change of content and of the file's entry, in milliseconds, and the content's SHA-256. */
type Entry = readonly [size: number, content: number, entry: number, hash: string];

/** Raised when the form changes: a manifest of another form is made again. */
const VERSION = 1;

/**
 * Hashes of the pictures of one folder, kept in the cache folder with each picture's size and times: a picture that has
 * them unchanged is not read again. A change of content changes the time of the file's entry, which no program can set
 * back, so that a picture that was replaced by one of the same size and date is noticed, too.
 */
export class PictureHashes {
  #changed = false;

  private constructor(
    private readonly folder: string,
    private readonly file: string,
    private readonly entries: Map<string, Entry>,
  ) {}

  /** The hashes known of a folder: none, where there is no manifest or it can't be read. */
  static async open(folder: string, { cacheFolder } = readEnvironment()): Promise<PictureHashes> {
    const path = resolve(folder);
    const name = createHash('sha256').update(path).digest('hex').slice(0, 16);
    const file = join(cacheFolder, 'pictures', `${name}.json`);
    let entries = new Map<string, Entry>();
    try {
      const stored = JSON.parse(await readFile(file, 'utf8'));
      if (stored.version === VERSION) entries = new Map(Object.entries<Entry>(stored.pictures));
    } catch {
      // Hashes that are missing or damaged are made again from the pictures.
    }
    return new PictureHashes(path, file, entries);
  }

  /** SHA-256 (hexadecimal) of a picture's content. @throws The system's error. */
  async of(path: string): Promise<string> {
    const { size, mtimeMs, ctimeMs } = await stat(path);
    const name = relative(this.folder, path);
    const known = this.entries.get(name);
    if (known?.[0] === size && known[1] === mtimeMs && known[2] === ctimeMs) return known[3];
    const hash = await hashOfFile(path);
    this.entries.set(name, [size, mtimeMs, ctimeMs, hash]);
    this.#changed = true;
    return hash;
  }

  /** Keeps what was learned. A cache that can't be written costs time only. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    try {
      await mkdir(dirname(this.file), { recursive: true });
      const pictures = Object.fromEntries(this.entries);
      await writeWholeFile(this.file, JSON.stringify({ version: VERSION, folder: this.folder, pictures }));
    } catch {
      // The next process hashes again.
    }
    this.#changed = false;
  }
}
