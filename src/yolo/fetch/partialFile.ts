import { readFile, rm, stat } from 'node:fs/promises';
import { writeWholeFile } from '../core/wholeFile';
import { cannotWrite } from './disk';

/** What the bytes of a partial file are the beginning of. */
export interface Source {
  readonly url: string;
  /** The server's strong name for exactly these bytes; without one nothing is resumed. */
  readonly etag?: string;
  /** Size of the whole file, where the server says it. */
  readonly total?: number;
  /** SHA-256 of the whole file, where the server says it. */
  readonly sha256?: string;
}

/** Bytes that a partial file holds, and of what. */
export interface Kept {
  readonly bytes: number;
  readonly source: Source;
}

/**
 * The beginning of a file that is being fetched: `<target>.part`, and `<target>.part.json` that says of what it is
 * the beginning. Without the second the first is worthless, and thrown away.
 */
export class PartialFile {
  readonly path: string;
  private readonly notePath: string;

  constructor(readonly target: string) {
    this.path = `${target}.part`;
    this.notePath = `${target}.part.json`;
  }

  /** What is kept of this address, if anything. */
  async kept(url: string): Promise<Kept | undefined> {
    const [size, note] = await Promise.all([
      stat(this.path).then(
        ({ size }) => size,
        () => undefined,
      ),
      readFile(this.notePath, 'utf8').catch(() => ''),
    ]);
    const source = parseSource(note);
    if (size === undefined || source?.url !== url) return undefined;
    return size > (source.total ?? Number.POSITIVE_INFINITY) ? undefined : { bytes: size, source };
  }

  /** Throws old bytes away and notes of what the next ones will be. */
  async start(source: Source): Promise<void> {
    // In this order: a note must never lie beside bytes of another source.
    await this.remove();
    try {
      await writeWholeFile(this.notePath, `${JSON.stringify(source)}\n`);
    } catch (error) {
      throw cannotWrite(this.notePath, error);
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.notePath, { force: true });
  }
}

function parseSource(note: string): Source | undefined {
  try {
    const { url, etag, total, sha256 } = JSON.parse(note) as Record<string, unknown>;
    const isText = (value: unknown) => value === undefined || typeof value === 'string';
    const isCount = total === undefined || (Number.isSafeInteger(total) && (total as number) >= 0);
    if (typeof url !== 'string' || !isText(etag) || !isText(sha256) || !isCount) return undefined;
    return { url, etag, total, sha256 } as Source;
  } catch {
    return undefined;
  }
}
