import { escapeMarkup } from '../../chart/escapeMarkup';
import { mean } from '../../chart/spread';
import { CLAIMS, type Claim, type Claims, type Measurement, VERDICTS } from '../read/claims';
import { errorAt, type Place } from '../read/place';
import { Footnotes } from '../text/footnotes';
import { titleName } from '../text/links';
import { type MarkdownContext, renderInline, renderProse } from '../text/markdown';
import type { PageContext } from './section';

/** How a measured number is written. */
const UNITS = {
  number: { factor: 1, unit: '' },
  percent: { factor: 100, unit: '\u00a0%' },
  gigabytes: { factor: 1e-9, unit: '\u00a0GB' },
} as const;
/** Label of the table with all claims. */
const TABLE = 'claims';

/** The question that the page opens with. */
export function claimsQuestion({ question }: Claims, context: PageContext): string {
  return `<p class="question">${renderInline(question, inClaim(0, context))}</p>\n`;
}

/** All claims: what was said, what was measured, what follows. */
export function claimsSection({ claims }: Claims, context: PageContext): string {
  const { references, notebooks } = context;
  const id = references.namePart('claims-and-verdicts');
  references.headings.push({ id, level: 2, html: 'Claims and verdicts' });
  const number = references.nameNumbered('table', TABLE, place(0));
  const rows = claims.map((claim, index) => {
    const env = inClaim(index, context);
    references.nameAnchor(anchor(claim.id), env.place);
    const measured = claim.measured.map((one) => `<li>${measurement(one, env)}</li>`).join('\n');
    return (
      `<tr id="${anchor(claim.id)}">\n<td>${renderInline(claim.claim, env)}\n` +
      `<span class="where">${escapeMarkup(claim.source)}</span></td>\n` +
      `<td>${measured ? `<ul class="measures">\n${measured}\n</ul>` : 'nothing yet'}</td>\n` +
      `<td>${badge(claim.verdict)}<br>${renderProse(claim.because, { ...env, vouched: new Set() })} ${evidence(claim, env, notebooks)}</td>\n</tr>\n`
    );
  });
  return (
    `<section class="notebook claims">\n<h2 id="${id}">Claims and verdicts</h2>\n` +
    `<figure class="captioned" id="${TABLE}">\n<figcaption><a class="number" href="#${TABLE}">Table ${number}</a> ` +
    'What was claimed, what was measured here (mean, smallest to largest and number of runs where there are several), ' +
    'and what follows.</figcaption>\n<div class="scroll table"><table>\n' +
    '<thead><tr><th scope="col">Claim</th><th scope="col">Measured</th><th scope="col">Verdict</th></tr></thead>\n' +
    `<tbody>\n${rows.join('')}</tbody>\n</table></div>\n</figure>\n</section>\n`
  );
}

/** Of one notebook, what its claims came to; nothing where it examines none. */
export function claimsOf(notebook: string, { claims }: Claims): string {
  const own = claims.filter((claim) => claim.notebook === notebook);
  if (own.length === 0) return '';
  return `<div class="decides">\n<p>What this decides</p>\n${verdictList(own)}</div>\n`;
}

/** Every verdict in a few words with a link to what it rests on. */
export function verdictList(claims: readonly Claim[]): string {
  const items = claims.map(
    ({ id, short, verdict }) =>
      `<li>${badge(verdict)} <a href="#${anchor(id)}">${escapeMarkup(short)}</a></li>`,
  );
  return `<ul class="verdicts">\n${items.join('\n')}\n</ul>\n`;
}

function measurement({ what, files, name, as, digits }: Measurement, env: MarkdownContext): string {
  const values = files.map((file) => {
    const value = env.facts.get(`report/${file}`, name, env.place);
    if (typeof value === 'number') return value;
    throw errorAt(env.place, `${file}#${name} is '${value}', expected a number`);
  });
  const { factor, unit } = UNITS[as];
  const words = (value: number) => (factor * value).toFixed(digits);
  const several = values.length > 1;
  const range = `${words(Math.min(...values))} to ${words(Math.max(...values))}, n = ${values.length}`;
  const runs = files.flatMap((file) => /^runs\/([^/]+)\//.exec(file)?.[1] ?? []);
  const [first] = runs.map((run) => env.references.useRun(run));
  const shown = `${words(mean(values))}${unit}`;
  const title = escapeMarkup(`${files.join(', ')}: ${name}`);
  const number = first ? `<a class="quoted" href="#${first}" title="${title}">${shown}</a>` : shown;
  return `${renderInline(what, env)}: ${number}${several ? ` (${range})` : ''}`;
}

function evidence(
  claim: Claim,
  { references, place: at }: MarkdownContext,
  notebooks: readonly string[],
): string {
  const { notebook, evidence: label } = claim;
  if (notebook !== undefined && claim.verdict !== 'open' && !notebooks.includes(notebook)) {
    throw errorAt(at, `notebook '${notebook}' is not on the page; there are ${notebooks.join(', ')}`);
  }
  const target = label ?? (notebook && notebooks.includes(notebook) ? titleName(notebook) : undefined);
  if (target === undefined) return '';
  references.refer(target, at);
  return `<a class="where" href="#${target}">See the evidence</a>`;
}

/** Name on the page of a claim. */
function anchor(id: string): string {
  return `claim-${id}`;
}

function badge(verdict: Claim['verdict']): string {
  return `<span class="verdict ${verdict}">${VERDICTS[verdict]}</span>`;
}

function inClaim(index: number, context: PageContext): MarkdownContext {
  return { ...context, place: place(index), footnotes: new Footnotes(context.references) };
}

function place(index: number): Place {
  return { notebook: CLAIMS, kind: 'claim', cell: index + 1 };
}
