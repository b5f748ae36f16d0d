import { readFileSync, writeFileSync } from 'node:fs';
import { pathsFrom } from './freshness';

/** What the cells of a notebook say that they read while it is executed; see {@link recordInput}. */
export class NotedInputs {
  /** How many notes were there when each cell had ended, by its id. */
  private readonly ends = new Map<string, number>();

  /** @param file - Path of the list that the kernel adds to; it is begun anew. */
  constructor(readonly file: string) {
    writeFileSync(file, '');
  }

  /** Says that a cell has ended: what was noted since the last one is its own. */
  endCell(id: string): void {
    this.ends.set(id, this.all().length);
  }

  /** Absolute paths of all that was read, in the order of the notes. */
  all(): string[] {
    const lines = readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as string);
  }

  /**
   * What each cell read, by its id, for the notebook's metadata; cells that read nothing are not in it.
   *
   * @param folder - The notebook's folder, from which paths are given.
   */
  byCell(folder: string): Record<string, string[]> {
    const all = this.all();
    const cells: Record<string, string[]> = {};
    let start = 0;
    for (const [id, end] of this.ends) {
      const paths = pathsFrom(folder, all.slice(start, end));
      if (paths.length > 0) cells[id] = paths;
      start = end;
    }
    return cells;
  }
}
