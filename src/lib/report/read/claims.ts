import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotebookError } from '../../errors';
import { requireId, requireText } from './fields';

/** The claims that the project examines; none if there is no such file. */
export const CLAIMS = 'report/claims.json';

/** What became of a claim, with the words that the page has for it. */
export const VERDICTS = {
  confirmed: 'Confirmed',
  refuted: 'Refuted',
  partly: 'Partly confirmed',
  undecided: 'Not decidable at this scale',
  open: 'Not yet measured',
} as const;
export type Verdict = keyof typeof VERDICTS;

/** A quantity by which a claim is judged. */
export interface Measurement {
  /** What was measured, in Markdown. */
  what: string;
  /** Files under report/ that hold it, such as `runs/03-sigmoid-mini/evaluation.json`; several are repetitions. */
  files: readonly string[];
  /** Name of the number in each of them, such as `final.pooled.map`. */
  name: string;
  /** `percent` writes a share as percentage, `gigabytes` a number of bytes in units of 10^9. */
  as: 'number' | 'percent' | 'gigabytes';
  /** Digits behind the point. */
  digits: number;
}

/** Something that was claimed, and what became of it. */
export interface Claim {
  /** Lower-case letters, digits and hyphens; the page's name for it has `claim-` before. */
  id: string;
  /** In a few words, for the opening. */
  short: string;
  /** In Markdown. */
  claim: string;
  /** Where it was claimed. */
  source: string;
  /** The notebook that examines it, by file name. */
  notebook?: string;
  verdict: Verdict;
  /** Why, in Markdown; quoted numbers are checked like those of a notebook. */
  because: string;
  measured: readonly Measurement[];
  /** Label of the figure, table, equation or heading with the evidence. */
  evidence?: string;
}

/** What the page opens with besides its title. */
export interface Claims {
  /** In Markdown. */
  question: string;
  claims: readonly Claim[];
}

/**
 * Reads what is claimed.
 *
 * @param root - The project's folder.
 * @throws NotebookError with the claim and the field for what can't be used, and for a verdict without a measurement.
 */
export async function readClaims(root: string): Promise<Claims | undefined> {
  const text = await readFile(join(root, CLAIMS), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NotebookError(`${CLAIMS}: cannot be read (${error.message})`);
  });
  if (text === undefined) return undefined;
  let value: { question?: unknown; claims?: unknown };
  try {
    value = Object(JSON.parse(text));
  } catch (error) {
    throw new NotebookError(`${CLAIMS}: ${(error as Error).message}; expected a JSON file`);
  }
  if (!Array.isArray(value.claims)) throw new NotebookError(`${CLAIMS}: 'claims' is no list`);
  const claims = value.claims.map((entry, index) =>
    readClaim(Object(entry), `${CLAIMS}: claim ${index + 1}`),
  );
  const twice = claims.find(({ id }, index) => claims.findIndex((other) => other.id === id) < index);
  if (twice) throw new NotebookError(`${CLAIMS}: two claims have the id '${twice.id}'`);
  return { question: requireText(value.question, CLAIMS, 'question'), claims };
}

function readClaim(entry: Record<string, unknown>, place: string): Claim {
  const words = (field: string) => requireText(entry[field], place, field);
  const id = requireId(entry.id, place);
  const verdict = words('verdict');
  if (!Object.hasOwn(VERDICTS, verdict)) {
    throw new NotebookError(
      `${place} ('${id}'): verdict '${verdict}', expected one of ${Object.keys(VERDICTS).join(', ')}`,
    );
  }
  const list = entry.measured ?? [];
  if (!Array.isArray(list)) throw new NotebookError(`${place} ('${id}'): 'measured' is no list`);
  if (verdict !== 'open' && list.length === 0) {
    throw new NotebookError(
      `${place} ('${id}'): a verdict without a measurement; measure it, or leave it open`,
    );
  }
  return {
    id,
    short: words('short'),
    claim: words('claim'),
    source: words('source'),
    verdict: verdict as Verdict,
    because: words('because'),
    measured: list.map((one) => readMeasurement(Object(one), `${place} ('${id}')`)),
    ...(entry.notebook === undefined ? {} : { notebook: words('notebook') }),
    ...(entry.evidence === undefined ? {} : { evidence: words('evidence') }),
  };
}

function readMeasurement(entry: Record<string, unknown>, place: string): Measurement {
  const { files, digits, as = 'number' } = entry;
  if (!Array.isArray(files) || files.length === 0 || !files.every((file) => typeof file === 'string')) {
    throw new NotebookError(`${place}: 'files' is ${JSON.stringify(files)}, expected a list of files`);
  }
  if (!Number.isInteger(digits) || Number(digits) < 0 || Number(digits) > 10) {
    throw new NotebookError(`${place}: 'digits' is ${JSON.stringify(digits)}, expected 0 to 10`);
  }
  if (as !== 'number' && as !== 'percent' && as !== 'gigabytes') {
    throw new NotebookError(`${place}: 'as' is ${JSON.stringify(as)}, expected number, percent or gigabytes`);
  }
  return {
    what: requireText(entry.what, place, 'what'),
    files,
    name: requireText(entry.name, place, 'name'),
    as,
    digits: Number(digits),
  };
}
