import { appendFile, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted } from '../../core/counted';
import { explaining, UserError } from '../../core/errors';
import { Lock } from '../../core/lock';
import { UNFINISHED } from '../../core/unfinished';
import { writeWholeFile } from '../../core/wholeFile';
import { recordFolders } from '../../record/readRunRecord';
import type { MetricsLine } from '../../record/runRecord';
import {
  type Checkpoint,
  readCheckpoint,
  readLatestCheckpoint,
  removeCheckpoints,
  writeCheckpoint,
} from './checkpoint';
import {
  WORKDIR_FILES as FILES,
  type Holdings,
  holdingsInWords,
  holdingsOf,
  isTaken,
  type RunIdentity,
} from './holdings';

/** Treatment of checkpoints that an unfinished run of the same key left. */
export type Resume =
  /** Go on from them; without any, start. */
  | 'continue'
  /** Go on from them; it is an error where another run's are in their place. */
  | 'insist'
  /** Start anew. */
  | 'drop'
  /** They are an error that says so. */
  | 'refuse';

/** How a folder of the workdir is opened. */
export interface OpenOptions {
  resume: Resume;
  /** Called with notes about the folder's content. */
  onNote?(message: string): void;
}

/**
 * A run's folder in the workdir, locked by this process: metrics and checkpoints while it is trained, then the network.
 * It belongs to the run's key: what another run has under the same name stays, and this one goes beside it, to a folder
 * with the beginning of its key behind the name. Only checkpoints are ever resumed; `metrics.jsonl` and `run.json` are for
 * their reader, and are made anew from a checkpoint.
 */
export class Workdir {
  private constructor(
    readonly path: string,
    private readonly run: RunIdentity,
    private readonly lock: Lock,
    private readonly options: OpenOptions,
  ) {}

  /**
   * Take the folder of a run, so that no other process writes into it.
   *
   * @param root - Folder that holds the folders of all runs.
   * @throws UserError if another process has it, or it can't be written, or its content forbids to start.
   */
  static async open(root: string, run: RunIdentity, options: OpenOptions): Promise<Workdir> {
    const others: Holdings[] = [];
    for (const path of recordFolders(root, run.name, run.key)) {
      const before = await using(path, () => holdingsOf(path));
      if (isTaken(before, run)) {
        others.push(before);
        continue;
      }
      const lock = await using(path, () => Lock.take(join(path, FILES.lock)));
      if (typeof lock === 'string') {
        throw new UserError(`${path}: ${lock} is training here; wait for it, or give this run another name`);
      }
      const workdir = new Workdir(path, run, lock, options);
      try {
        const holdings = await using(path, () => holdingsOf(path));
        if (!isTaken(holdings, run)) {
          if (others.length > 0) workdir.goBeside(others[0]);
          return workdir;
        }
        others.push(holdings);
      } catch (error) {
        await workdir.close();
        throw error;
      }
      await workdir.close();
    }
    throw new UserError(
      `${others.map((other) => holdingsInWords(other, run)).join('; ')}; give this run another name`,
    );
  }

  /** The checkpoint to go on from, or undefined. @throws UserError if it can't be read, or `resume` forbids. */
  async newest(): Promise<Checkpoint | undefined> {
    const { resume, onNote } = this.options;
    const checkpoint = await readLatestCheckpoint(join(this.path, FILES.checkpoints), this.run.key);
    if (checkpoint && resume === 'refuse') {
      throw new UserError(
        `${this.path}: holds an unfinished run, saved after step ${checkpoint.step}; go on with --resume or start anew with --retrain`,
      );
    }
    const { network } = await using(this.path, () => holdingsOf(this.path));
    if (resume === 'drop') {
      const replaced = [
        ...(checkpoint ? [`removes the checkpoint of step ${checkpoint.step}`] : []),
        ...(network ? ['will replace the network when it is trained'] : []),
      ];
      if (replaced.length > 0) onNote?.(`${this.path}: training anew ${replaced.join(' and ')}`);
      return undefined;
    }
    return checkpoint;
  }

  /** The checkpoint of a step. @throws UserError if it is damaged or gone. */
  checkpointOf(step: number): Promise<Checkpoint> {
    return readCheckpoint(join(this.path, FILES.checkpoints), step);
  }

  /** Bring the folder back to a checkpoint, or empty it. @throws UserError if it can't be written. */
  begin(checkpoint: Checkpoint | undefined): Promise<void> {
    return this.writing(async () => {
      await mkdir(this.path, { recursive: true });
      await writeWholeFile(join(this.path, FILES.run), `${JSON.stringify(this.run, null, 2)}\n`);
      await removeCheckpoints(join(this.path, FILES.checkpoints), checkpoint?.step);
      for (const name of await readdir(this.path)) {
        if (name.endsWith(UNFINISHED)) {
          await rm(join(this.path, name), { force: true });
        }
      }
      await writeWholeFile(join(this.path, FILES.metrics), (checkpoint?.metrics ?? []).map(lineOf).join(''));
    });
  }

  /** Add a line of metrics. @throws UserError if it can't be written. */
  log(line: MetricsLine): Promise<void> {
    return this.writing(() => appendFile(join(this.path, FILES.metrics), lineOf(line)));
  }

  /** Write a checkpoint. @throws UserError if it can't be written; the older ones are then as they were. */
  async save(checkpoint: Omit<Checkpoint, 'key'>): Promise<void> {
    await this.requireLock();
    await writeCheckpoint(join(this.path, FILES.checkpoints), { key: this.run.key, ...checkpoint });
  }

  /** @throws UserError if another process has taken the folder: this one gave no sign of life for too long. */
  async requireLock(): Promise<void> {
    if (await this.holdsLock()) return;
    throw new UserError(
      `${this.path}: another process has taken this folder while this one was halted; nothing more is written, go on with --resume`,
    );
  }

  /** Remove the checkpoints of a run that has ended, unless another process has the folder. @throws UserError if it can't. */
  async end(): Promise<void> {
    if (!(await this.holdsLock())) return;
    await this.writing(() => removeCheckpoints(join(this.path, FILES.checkpoints)));
  }

  /** Give the folder back. One in which nothing was computed leaves nothing behind. */
  async close(): Promise<void> {
    await this.lock.release();
    await rmdir(this.path).catch(() => undefined);
  }

  /** Say whose folder the name is. @throws UserError where resuming was asked for. */
  private goBeside(other: Holdings): void {
    const words = holdingsInWords(other, this.run) + wordsOnEpochs(other, this.run);
    if (this.options.resume === 'insist') {
      throw new UserError(
        `nothing to go on from: ${words}. Without --resume this configuration is trained beside it, in ${this.path}`,
      );
    }
    const say = this.options.onNote ?? ((note: string) => process.stderr.write(`yolov1: ${note}\n`));
    say(`${words}. It stays; this run goes to ${this.path}`);
  }

  private holdsLock(): Promise<boolean> {
    return this.lock.isMine().catch(() => true);
  }

  private writing(work: () => Promise<void>): Promise<void> {
    const advice = 'check space and permission, then go on with --resume';
    return explaining(`${this.path}: cannot write run directory`, advice, work);
  }
}

/** Advice on training a run for longer, where the number of epochs is all that differs. */
function wordsOnEpochs({ path, run, network }: Holdings, wanted: RunIdentity): string {
  const [theirs, ours] = [run?.config, wanted.config].map((config) => config as { epochs?: number });
  if (theirs?.epochs === undefined || ours.epochs === undefined || ours.epochs <= theirs.epochs) return '';
  const more = ours.epochs - theirs.epochs;
  const name = basename(path);
  const first = network ? '' : ', when it is finished,';
  return (
    `. To train its network${first} for ${counted(more, 'more epoch')}, set name=${wanted.name}-longer initialNetwork=${name} ` +
    `epochs=${more}: its weights go on, while schedule, moments and averages begin anew, so that it is not a run of ` +
    `${ours.epochs} epochs in one`
  );
}

function using<T>(path: string, work: () => Promise<T>): Promise<T> {
  return explaining(`${path}: cannot use run directory`, 'check space and permission', work);
}

function lineOf(line: MetricsLine): string {
  return `${JSON.stringify(line)}\n`;
}
