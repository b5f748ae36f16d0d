import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explaining, messageOf, UserError } from '../../core/errors';
import { hashOf, hashOfFile } from '../../core/hashOf';
import { writeWholeFile } from '../../core/wholeFile';
import type { EpochEvaluation } from '../../eval/run/evaluation';
import { streamSafetensors, writeSafetensors } from '../../model/weights/safetensors';
import type { StreamedTensor } from '../../model/weights/streamedTensor';
import type { MetricsLine } from '../../record/runRecord';
import type { BackendInfo } from '../../tensor/backend';

/** Everything that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Hash of config, data and weights, by which it belongs to a run. */
  key: string;
  /** Updates done. */
  step: number;
  /** Pictures that went through the network at once by then: less than planned where the guard had lowered it. */
  microBatch?: number;
  /** Backends that computed so far: a resumed run may have changed machines. Absent from older checkpoints. */
  backends?: BackendInfo[];
  /** mAP of these weights, if they were evaluated. */
  map?: number;
  /** Time spent so far, over all sessions. */
  seconds: number;
  /** Every line of metrics so far, so that a checkpoint needs no other file. */
  metrics: MetricsLine[];
  /** Results of the evaluations so far. */
  evaluated: EpochEvaluation[];
  /** Parameters, statistics, moments and averages by name, in our own layout. */
  tensors: ReadonlyMap<string, StreamedTensor>;
}

/** The note beside a checkpoint's tensors; written after them, so that a checkpoint without it does not count. */
interface CheckpointNote extends Omit<Checkpoint, 'tensors'> {
  /** SHA-256 of the tensor file. */
  tensors: string;
  /** Hash of all other fields. */
  hash: string;
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
export async function writeCheckpoint(folder: string, { tensors, ...rest }: Checkpoint): Promise<void> {
  const base = join(folder, `step-${rest.step}`);
  const writing = (work: () => Promise<unknown>) =>
    explaining(`${base}: cannot write checkpoint`, 'check space and permission', work);
  await writing(() => mkdir(folder, { recursive: true }));
  const note = { ...rest, tensors: await writeSafetensors(`${base}.safetensors`, tensors) };
  await writing(async () => {
    await writeWholeFile(`${base}.json`, `${JSON.stringify({ ...note, hash: hashOf(note) })}\n`);
    await prune(folder);
  });
}

/**
 * The newest whole checkpoint of this key, or undefined. A damaged one is passed over with a line on stderr.
 *
 * @throws UserError if one is there but can't be read, as it may be whole.
 */
export async function readLatestCheckpoint(folder: string, key: string): Promise<Checkpoint | undefined> {
  const steps = (await stepsIn(folder)).sort((a, b) => b - a);
  for (const step of steps) {
    const note = await readNote(folder, step);
    if (note && note.key !== key) {
      continue;
    }
    const found = note && (await readTensorsOf(folder, note));
    if (found) return found;
    process.stderr.write(
      `yolov1: ${join(folder, `step-${step}.safetensors`)}: damaged checkpoint, going back to the one before\n`,
    );
  }
  return undefined;
}

/** The checkpoint of a step. @throws UserError if it is damaged or gone. */
export async function readCheckpoint(folder: string, step: number): Promise<Checkpoint> {
  const note = await readNote(folder, step);
  const found = note && (await readTensorsOf(folder, note));
  if (found) return found;
  throw new UserError(
    `${join(folder, `step-${step}`)}: damaged or gone, but it holds the best network; start anew with --retrain`,
  );
}

/** Remove every checkpoint, or only those after a step, which were passed over. */
export async function removeCheckpoints(folder: string, after?: number): Promise<void> {
  if (after === undefined) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  await removeSteps(folder, (step) => step > after);
}

/** Key and step of each whole checkpoint of a folder, the newest first. @throws UserError if they can't be read. */
export async function checkpointsIn(folder: string): Promise<Pick<Checkpoint, 'key' | 'step'>[]> {
  return notesIn(folder);
}

/** The whole notes, the newest first. */
async function notesIn(folder: string): Promise<CheckpointNote[]> {
  const notes = await Promise.all((await stepsIn(folder)).map((step) => readNote(folder, step)));
  return notes.filter((note) => note !== undefined).sort((a, b) => b.step - a.step);
}

async function stepsIn(folder: string): Promise<number[]> {
  const names = (await orNothing(folder, () => readdir(folder))) ?? [];
  return names.flatMap((name) => NOTE.exec(name)?.[1] ?? []).map(Number);
}

/** A note as it was written, or undefined where it is damaged or gone. */
async function readNote(folder: string, step: number): Promise<CheckpointNote | undefined> {
  const text = await orNothing(folder, () => readFile(join(folder, `step-${step}.json`), 'utf8'));
  let parsed: CheckpointNote & { sha256?: string };
  try {
    parsed = JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
  if (parsed?.sha256) {
    throw new UserError(
      `${folder}: checkpoints of an older version of this library; finish the run with that one, or delete them to start anew`,
    );
  }
  const { hash, ...note } = parsed ?? {};
  return hashOf(note) === hash && note.step === step ? parsed : undefined;
}

/** A whole checkpoint, or undefined where its tensors are not those that the note speaks of. */
async function readTensorsOf(folder: string, note: CheckpointNote): Promise<Checkpoint | undefined> {
  const path = join(folder, `step-${note.step}.safetensors`);
  if ((await orNothing(folder, () => hashOfFile(path))) !== note.tensors) return undefined;
  const tensors = await streamSafetensors(path);
  const { hash: _, ...rest } = note;
  return { ...rest, tensors };
}

/** Result of a read, or undefined for a missing file. Any other failure says nothing about what the file holds. */
async function orNothing<T>(folder: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new UserError(
      `${folder}: cannot read checkpoints (${messageOf(error)}); check disk and permission, or delete them to start anew`,
    );
  }
}

async function prune(folder: string): Promise<void> {
  const all = await notesIn(folder);
  const highest = Math.max(...all.map(({ map }) => map ?? -1));
  // Of equals the newest, which is the one that counts: a training may evaluate to 0 for many epochs.
  const best = all.find(({ map }) => map === highest);
  const kept = [...all.slice(0, KEPT), best].map((note) => note?.step);
  await removeSteps(folder, (step) => !kept.includes(step));
}

async function removeSteps(folder: string, goes: (step: number) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    const step = /^step-(\d+)\./.exec(name)?.[1];
    if (step !== undefined && goes(Number(step))) {
      await rm(join(folder, name), { force: true });
    }
  }
}
