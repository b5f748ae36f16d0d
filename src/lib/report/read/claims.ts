import * as v from 'valibot';
import { fields, oneOf, wholeFrom } from 'yolov1/form';
import { checkIds, listOf, NAME, readForm, WORDS } from './form';

/** The claims that the project examines; none if there is no such file. */
export const CLAIMS = 'report/claims.json';

/** What became of a claim, with the words that the page has for it. */
export const VERDICTS = {
  confirmed: 'Confirmed',
  refuted: 'Refuted',
  partly: 'Partly confirmed',
  unreproduced: 'Not reproduced',
  unsupported: 'Not supported',
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
  /** Default `number`; `percent` writes a share as percentage, `gigabytes` a number of bytes in units of 10^9. */
  as?: 'number' | 'percent' | 'gigabytes';
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
  measured?: readonly Measurement[];
  /** Label of the figure, table, equation or heading with the evidence. */
  evidence?: string;
  /** Why in one sentence, in Markdown, for the article's table; without it the claim is not in it. */
  inArticle?: string;
}

/** All that the project examines. */
export interface Claims {
  claims: readonly Claim[];
}

const MEASUREMENT = fields({
  what: WORDS,
  files: listOf(v.string('a file')),
  name: WORDS,
  as: v.optional(oneOf(['number', 'percent', 'gigabytes'])),
  digits: wholeFrom(0, 10),
});

const CLAIM = v.pipe(
  fields({
    id: NAME,
    short: WORDS,
    claim: WORDS,
    source: WORDS,
    notebook: v.optional(WORDS),
    verdict: oneOf(Object.keys(VERDICTS)),
    because: WORDS,
    measured: v.optional(v.array(MEASUREMENT, 'a list')),
    evidence: v.optional(WORDS),
    inArticle: v.optional(WORDS),
  }),
  v.check((value) => {
    const { verdict, measured = [] } = value as unknown as Claim;
    return verdict === 'open' || measured.length > 0;
  }, 'a measurement for its verdict; measure it, or leave it open'),
);

/**
 * Reads what is claimed; undefined if there is no such file.
 *
 * @param root - The project's folder.
 * @throws NotebookError with the claim and the field for what can't be used, and for a verdict without a measurement.
 */
export async function readClaims(root: string): Promise<Claims | undefined> {
  const claims = (await readForm(root, CLAIMS, fields({ claims: v.array(CLAIM, 'a list') }))) as
    | Claims
    | undefined;
  if (claims) checkIds(claims.claims, CLAIMS);
  return claims;
}
