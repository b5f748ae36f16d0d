import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf, UserError } from '../errors';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../model/safetensors';

/** Everything that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Updates done. */
  step: number;
  /** mAP of the last evaluation, if there was one. */
  map?: number;
  /** Parameters, statistics, moments and averages by name, in our own layout. */
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** What stands beside a checkpoint's tensors; written after them, so that a checkpoint without it does not count. */
interface CheckpointNote {
  step: number;
  map?: number;
  /** Of the tensor file. */
  sha256: string;
}

const NOTE = /^step-(\d+)\.json$/;
/** Checkpoints kept besides the best one. */
const KEPT = 2;

/**
 * Write a checkpoint and remove those that are neither among the last two nor the best by mAP. Each file appears whole
 * or not at all, and an older checkpoint goes only when the new one is complete.
 *
 * @throws UserError if the folder can't be written; the older checkpoints are then as they were.
 */
export async function writeCheckpoint(folder: string, { step, map, tensors }: Checkpoint): Promise<void> {
  const base = join(folder, `step-${step}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeSafetensors(`${base}.safetensors`, tensors);
    const note: CheckpointNote = { step, map, sha256: await hashFile(`${base}.safetensors`) };
    await writeFileAtomic(`${base}.json`, `${JSON.stringify(note)}\n`);
    await prune(folder);
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    throw new UserError(`${base}: cannot write checkpoint (${messageOf(error)}); check space and permission`);
  }
}

/**
 * The newest checkpoint that is whole, or undefined. A damaged one is passed over with a line on stderr.
 */
export async function readLatestCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  for (const note of (await notes(folder)).sort((a, b) => b.step - a.step)) {
    const path = join(folder, `step-${note.step}.safetensors`);
    if ((await hashFile(path).catch(() => undefined)) === note.sha256) {
      const { tensors } = await readSafetensors(path);
      return { step: note.step, map: note.map, tensors };
    }
    process.stderr.write(`yolov1: ${path}: damaged checkpoint, going back to the one before\n`);
  }
  return undefined;
}

/** Remove every checkpoint of a finished run. */
export async function removeCheckpoints(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function notes(folder: string): Promise<CheckpointNote[]> {
  const names: string[] = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => NOTE.test(name))
      .map(async (name) => {
        const text = await readFile(join(folder, name), 'utf8').catch(() => '');
        try {
          return JSON.parse(text) as CheckpointNote;
        } catch {
          return undefined;
        }
      }),
  );
  return found.filter((note) => note !== undefined);
}

async function prune(folder: string): Promise<void> {
  const all = (await notes(folder)).sort((a, b) => b.step - a.step);
  const best = Math.max(...all.map(({ map }) => map ?? -1));
  const kept = new Set(
    all.filter(({ map }, place) => place < KEPT || (map ?? -2) === best).map(({ step }) => step),
  );
  for (const name of await readdir(folder)) {
    const step = /^step-(\d+)\./.exec(name)?.[1];
    if (step !== undefined && !kept.has(Number(step))) {
      await rm(join(folder, name), { force: true });
    }
  }
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
