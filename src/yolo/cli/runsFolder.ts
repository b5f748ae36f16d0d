import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import type { ExperimentEvaluation } from '../eval/evaluation';
import type { ExperimentResult } from '../run/experiment';
import { readRunRecord } from '../run/runRecord';

/** The records of a folder, and what was wrong with those that can't be read. */
export interface RunRecords {
  /** In the order of their folders' names. */
  results: ExperimentResult[];
  /** One line for each folder whose record is damaged, incomplete or of another format. */
  damaged: string[];
}

/** A record that is being written, or was when its process ended. */
const UNFINISHED = /\.tmp$/;

/**
 * Read every record of a folder. A damaged one does not keep the others from being read.
 *
 * @throws UserError if there is no such folder.
 */
export async function readRunRecords(folder: string): Promise<RunRecords> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw new UserError(
      `${folder}: cannot read run records (${messageOf(error)}); give their folder with --records`,
    );
  });
  const names = entries.filter((entry) => entry.isDirectory() && !UNFINISHED.test(entry.name));
  const found: RunRecords = { results: [], damaged: [] };
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    try {
      const result = await readRunRecord<ExperimentEvaluation>(join(folder, name));
      checkEvaluation(result);
      found.results.push(result);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.damaged.push(messageOf(error));
    }
  }
  return found;
}

function checkEvaluation({ path, evaluation }: ExperimentResult): void {
  const final = evaluation?.final;
  if (typeof final?.pooled !== 'object' || typeof final.years !== 'object') {
    throw new UserError(`${join(path, 'evaluation.json')}: holds no evaluation; train the run again`);
  }
}
