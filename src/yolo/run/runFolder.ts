import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import { UNFINISHED } from '../core/unfinished';
import { writeWholeFile } from '../core/wholeFile';
import type { MetricsLine } from '../record/runRecord';
import { type Checkpoint, readLatestCheckpoint, removeCheckpoints, writeCheckpoint } from './checkpoint';

const METRICS = 'metrics.jsonl';
const KEY = 'key.json';
const CHECKPOINTS = 'checkpoints';

/**
 * The files of a run directory. Only checkpoints are ever gone on from; `metrics.jsonl` and `key.json` (which record the
 * directory belongs to) are for its reader, and are made anew from a checkpoint.
 */
export class RunFolder {
  private readonly checkpoints: string;

  /** @param key - Hash of config, data and weights; checkpoints of another key are not gone on from. */
  constructor(
    readonly path: string,
    private readonly key: string,
  ) {
    this.checkpoints = join(path, CHECKPOINTS);
  }

  /** Key of the run that a directory belongs to; undefined where it doesn't say. */
  static async keyOf(path: string): Promise<string | undefined> {
    return readFile(join(path, KEY), 'utf8').catch(() => undefined);
  }

  /** The newest whole checkpoint of this key, or undefined. @throws UserError if it can't be read. */
  newest(): Promise<Checkpoint | undefined> {
    return readLatestCheckpoint(this.checkpoints, this.key);
  }

  /** Make the directory what it was at a checkpoint, or empty. @throws UserError if it can't be written. */
  begin(checkpoint: Checkpoint | undefined): Promise<void> {
    return this.writing(async () => {
      await mkdir(this.path, { recursive: true });
      await removeCheckpoints(this.checkpoints, checkpoint?.step);
      for (const name of await readdir(this.path)) {
        if (name.endsWith(UNFINISHED)) {
          await rm(join(this.path, name), { force: true });
        }
      }
      await writeWholeFile(join(this.path, METRICS), (checkpoint?.metrics ?? []).map(lineOf).join(''));
      await writeWholeFile(join(this.path, KEY), this.key);
    });
  }

  /** Add a line of metrics. @throws UserError if it can't be written. */
  log(line: MetricsLine): Promise<void> {
    return this.writing(() => appendFile(join(this.path, METRICS), lineOf(line)));
  }

  /** Write a checkpoint. @throws UserError if it can't be written; the older ones are then as they were. */
  save(checkpoint: Omit<Checkpoint, 'key'>): Promise<void> {
    return writeCheckpoint(this.checkpoints, { key: this.key, ...checkpoint });
  }

  /** The run has ended: what it could have gone on from goes. @throws UserError if it can't be removed. */
  end(): Promise<void> {
    return this.writing(() => removeCheckpoints(this.checkpoints));
  }

  private async writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new UserError(
        `${this.path}: cannot write run directory (${messageOf(error)}); check space and permission, ` +
          'then go on with --resume',
      );
    }
  }
}

function lineOf(line: MetricsLine): string {
  return `${JSON.stringify(line)}\n`;
}
