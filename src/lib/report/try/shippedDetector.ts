import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { NotebookError } from '../../errors';

/** Files of a stored detector, as the library writes them. */
const ABOUT = 'detector.json';
const WEIGHTS = 'weights.safetensors';

/** A stored detector, as far as the build looks into it; the page reads the rest. */
export interface ShippedDetector {
  about: v.InferOutput<typeof FORM>;
  weights: Buffer;
}

const FORM = v.looseObject({
  spec: v.looseObject({ classes: v.array(v.string()), inputSize: v.number() }),
  coding: v.unknown(),
  scoreCut: v.optional(v.number()),
});

/**
 * Reads the detector that the page is to have.
 *
 * @param folder - From the project's root.
 * @returns Nothing where there is none.
 * @throws NotebookError for a folder that holds something else.
 */
export async function readShippedDetector(
  root: string,
  folder: string,
): Promise<ShippedDetector | undefined> {
  const path = join(root, folder, ABOUT);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const about = v.parse(FORM, JSON.parse(text));
    return { about, weights: await readFile(join(root, folder, WEIGHTS)) };
  } catch (error) {
    throw new NotebookError(`${path}: is no stored detector (${(error as Error).message})`);
  }
}
