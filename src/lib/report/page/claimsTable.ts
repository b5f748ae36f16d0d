import { escapeMarkup } from '../../chart/escapeMarkup';
import { mean } from '../../chart/spread';
import { CLAIMS, type Claim, type Claims, type Measurement, VERDICTS } from '../read/claims';
import { errorAt, type Place } from '../read/place';
import { titleName } from '../text/links';
import { renderInline, renderProse } from '../text/markdown';
import type { Page, Spot } from '../text/page';

/** How a measured number is written. */
const UNITS = {
  number: { factor: 1, unit: '' },
  percent: { factor: 100, unit: '\u00a0%' },
  gigabytes: { factor: 1e-9, unit: '\u00a0GB' },
} as const;
/** Label of the table with all claims. */
const TABLE = 'claims';

/** All claims: what was said, what was measured, what follows. */
export function claimsBlock({ claims }: Claims, page: Page): string {
  page.vouched = new Set();
  const number = page.nameNumbered('table', TABLE, place(0));
  const rows = claims.map((claim, index) => {
    const spot = inClaim(index, page);
    page.nameAnchor(anchor(claim.id), spot.place);
    const measured = (claim.measured ?? []).map((one) => `<li>${measurement(one, spot)}</li>`).join('\n');
    return (
      `<tr id="${anchor(claim.id)}">\n<td>${renderInline(claim.claim, spot)}\n` +
      `<span class="where">${escapeMarkup(claim.source)}</span></td>\n` +
      `<td>${measured ? `<ul class="measures">\n${measured}\n</ul>` : 'nothing yet'}</td>\n` +
      `<td>${badge(claim.verdict)}<br>${renderProse(claim.because, spot)} ${evidence(claim, spot)}</td>\n</tr>\n`
    );
  });
  const caption =
    'What was claimed, what was measured here (mean, smallest to largest and number of runs where there are several; ' +
    'of mAP the 95 % interval over pictures, of several runs from its lowest end to its highest), and what follows.';
  const head = ['Claim', 'Measured', 'Verdict'];
  return `<section class="notebook claims">\n${tableBlock({ id: TABLE, number, caption, head, rows })}</section>\n`;
}

/** Label of the article's table. */
export const VERDICTS_TABLE = 'verdicts';

/** The claims that the article tells of: what was said, the verdict, and in a sentence why. */
export function verdictsTable({ claims }: Claims, page: Page, id: string, caption: string): string {
  const number = page.nameNumbered('table', id, place(0));
  const rows = claims.flatMap((claim, index) => {
    if (claim.inArticle === undefined) return [];
    const spot = inClaim(index, page);
    return [
      `<tr>\n<td><a href="#${anchor(claim.id)}">${escapeMarkup(claim.short)}</a></td>\n` +
        `<td>${badge(claim.verdict)}</td>\n<td>${renderProse(claim.inArticle, spot)}</td>\n</tr>\n`,
    ];
  });
  return tableBlock({ id, number, caption, head: ['The original', 'Verdict', 'Here'], rows });
}

/** A table with its caption. */
function tableBlock(table: { id: string; number: string; caption: string; head: string[]; rows: string[] }) {
  const { id, number, caption, head, rows } = table;
  const titles = head.map((title) => `<th scope="col">${title}</th>`).join('');
  return (
    `<figure class="captioned" id="${id}">\n<figcaption><a class="number" href="#${id}">Table ${number}</a> ` +
    `${caption}</figcaption>\n<div class="scroll table"><table>\n` +
    `<thead><tr>${titles}</tr></thead>\n<tbody>\n${rows.join('')}</tbody>\n</table></div>\n</figure>\n`
  );
}

/** Of one notebook, what its claims came to; nothing where it examines none. */
export function claimsOf(notebook: string, { claims }: Claims): string {
  const own = claims.filter((claim) => claim.notebook === notebook);
  if (own.length === 0) return '';
  return `<div class="decides">\n<p>What this decides</p>\n${verdictList(own)}</div>\n`;
}

/** Every verdict in a few words with a link to what it rests on. */
function verdictList(claims: readonly Claim[]): string {
  const items = claims.map(
    ({ id, short, verdict }) =>
      `<li>${badge(verdict)} <a href="#${anchor(id)}">${escapeMarkup(short)}</a></li>`,
  );
  return `<ul class="verdicts">\n${items.join('\n')}\n</ul>\n`;
}

function measurement({ what, files, name, as = 'number', digits }: Measurement, spot: Spot): string {
  const { facts, references } = spot.page.project;
  const values = files.map((file) => {
    const value = facts.get(`report/${file}`, name, spot.place);
    if (typeof value === 'number') return value;
    throw errorAt(spot.place, `${file}#${name} is '${value}', expected a number`);
  });
  const { factor, unit } = UNITS[as];
  const words = (value: number) => (factor * value).toFixed(digits);
  const range = (numbers: readonly number[]) =>
    `${words(Math.min(...numbers))} to ${words(Math.max(...numbers))}`;
  const runs = files.flatMap((file) => /^runs\/([^/]+)\//.exec(file)?.[1] ?? []);
  const [first] = runs.map((run) => references.runId(run));
  const shown = `${words(mean(values))}${unit}`;
  const title = escapeMarkup(`${files.join(', ')}: ${name}`);
  const number = first ? `<a class="quoted" href="#${first}" title="${title}">${shown}</a>` : shown;
  const ends = MAP.includes(name) ? intervalsOf(runs, spot.page) : [];
  const spread = [
    ...(values.length > 1 ? [range(values)] : []),
    ...(ends.length > 0 ? [`95\u00a0% ${range(ends)}`] : []),
  ];
  const count = spread.length > 0 ? ` (${spread.join('; ')}; n\u00a0=\u00a0${values.length})` : '';
  return `${renderInline(what, spot)}: ${number}${count}`;
}

/** Names of a run's mAP: one number, computed in two ways. */
const MAP = ['final.pooled.map', 'final.writeUp.voc'];

/** Both ends of the interval over pictures of every run; none unless all runs have one. */
function intervalsOf(runs: readonly string[], page: Page): number[] {
  const intervals = runs.map((run) => page.project.stored.get(run)?.evaluation.final.interval);
  return intervals.every((interval) => interval !== undefined)
    ? intervals.flatMap(({ low, high }) => [low, high])
    : [];
}

function evidence({ notebook, evidence: label, verdict }: Claim, { page, place: at }: Spot): string {
  const { notebooks } = page.project;
  if (notebook !== undefined && verdict !== 'open' && !notebooks.includes(notebook)) {
    throw errorAt(at, `notebook '${notebook}' is not on the page; there are ${notebooks.join(', ')}`);
  }
  const target = label ?? (notebook && notebooks.includes(notebook) ? titleName(notebook) : undefined);
  if (target === undefined) return '';
  page.refer(target, at);
  return `<a class="where" href="#${target}">See the evidence</a>`;
}

/** Name on the page of a claim. */
function anchor(id: string): string {
  return `claim-${id}`;
}

function badge(verdict: Claim['verdict']): string {
  return `<span class="verdict ${verdict}">${VERDICTS[verdict]}</span>`;
}

function inClaim(index: number, page: Page): Spot {
  return { page, place: place(index) };
}

function place(index: number): Place {
  return { notebook: CLAIMS, kind: 'claim', cell: index + 1 };
}
