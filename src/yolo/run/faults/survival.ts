import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../../core/errors';
import { assertSame, type Outcome, type TinyRun } from './tinyRun';

/** What became of the failures that were injected. */
export class Tally {
  injected = 0;
  survived = 0;
  /** The session ended well in spite of it, or without meeting it. */
  unnoticed = 0;
  lost = 0;
  wrong = 0;
  readonly complaints: string[] = [];

  constructor(private readonly what: string) {}

  /** One line: what was injected, and what became of it. */
  toString(): string {
    const { injected, survived, lost, wrong, unnoticed } = this;
    const silent = unnoticed > 0 ? `; ${unnoticed} without the run's noticing` : '';
    return `${injected} ${this.what}, ${survived} survived: ${lost} lost, ${wrong} wrong${silent}`;
  }
}

/** How one failure is brought about in a session. */
export interface Injection {
  /** For complaints, such as `rename 3 EIO`. */
  name: string;
  /** The session in which it happens. */
  session(): Promise<void>;
  /** What must come through as it is: a bug of the program's own keeps its stack. */
  thrown?: Error;
}

/**
 * Let one session of a run fail, then go on to the end, and see that nothing was lost and nothing is wrong: an error in
 * words, the newest checkpoint no older than before, nothing left open, and the result that of an undisturbed run.
 */
export async function survive(
  tiny: TinyRun,
  place: string,
  expected: Outcome,
  tally: Tally,
  { name, session, thrown }: Injection,
): Promise<void> {
  tally.injected += 1;
  const [tensors, files] = [tf.memory().numTensors, openFiles()];
  const before = (await tiny.newestCheckpoint(place))?.step ?? 0;
  const complaints: string[] = [];
  try {
    await session();
    tally.unnoticed += 1;
  } catch (error) {
    if (thrown === undefined) complaints.push(...faultsOf(error));
    else if (error !== thrown) complaints.push(`hidden by ${String(error)}`);
  }
  const after = (await tiny.newestCheckpoint(place))?.step ?? 0;
  if (after < before && !(await tiny.isFinished(place))) {
    tally.lost += 1;
    complaints.push(`checkpoint of step ${before} was lost, ${after} is left`);
  }
  if (tf.memory().numTensors !== tensors) complaints.push(`${tf.memory().numTensors - tensors} tensors left`);
  const left = await filesLeft(files);
  if (left !== 0) complaints.push(`${left} files left open`);
  try {
    await tiny.run(place);
    assertSame(await tiny.outcome(place), expected);
  } catch (error) {
    tally.wrong += 1;
    complaints.push(`after it: ${error instanceof Error ? error.stack : String(error)}`);
  }
  if (complaints.length === 0) tally.survived += 1;
  tally.complaints.push(...complaints.map((complaint) => `${name}: ${complaint}`));
}

/** What is wrong with an error that a user sees. */
function faultsOf(error: unknown): string[] {
  if (!(error instanceof UserError)) {
    return [`no error in words: ${error instanceof Error ? error.stack : String(error)}`];
  }
  return /\n/.test(error.message) ? [`more than a line: ${error.message}`] : [];
}

/** How many more files are open than before, after a while: a picture that is read ahead is read to its end. */
async function filesLeft(before: number): Promise<number> {
  for (let tries = 0; tries < 100 && openFiles() !== before; tries++) await setTimeout(50);
  return openFiles() - before;
}

/** Files that this process has open; 0 where the system doesn't tell. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/** @throws AssertionError with every complaint, if there is one. */
export function assertSurvived(tally: Tally): void {
  assert.deepEqual(tally.complaints, []);
  assert.equal(tally.survived, tally.injected);
}
