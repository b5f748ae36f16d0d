import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { buildSingle, makeProject, markdown, sampleEvaluation, writeRun } from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const MEASURED = {
  what: 'mAP, **frozen**',
  files: ['runs/05-first/evaluation.json', 'runs/05-second/evaluation.json'],
  name: 'final.pooled.map',
  as: 'percent',
  digits: 1,
};
const CLAIM = {
  id: 'frozen',
  short: 'Frozen features <fail>',
  claim: 'Frozen features reach $0.03$',
  source: 'Experiment 3',
  notebook: '05-frozen.ipynb',
  verdict: 'refuted',
  because: 'They reach [31.4 %](../report/runs/05-first/evaluation.json#final.pooled.map).',
  measured: [MEASURED],
  evidence: 'what-was-found',
};

/** A site of one notebook and two runs, of which the second's mAP is another one. */
async function project(claims: object[] | object, article?: string): Promise<string> {
  const root = await makeProject({
    '05-frozen.ipynb': [markdown('# Frozen\n\n## What was found\n\nA lot, see [claims](#claims).')],
  });
  folders.push(root);
  const evaluation = sampleEvaluation();
  evaluation.final.pooled.map = 0.2;
  await writeRun(root, '05-second', { evaluation });
  const file = Array.isArray(claims) ? { claims } : claims;
  await writeFile(join(root, 'report/claims.json'), JSON.stringify(file));
  if (article !== undefined) await writeFile(join(root, 'report/article.md'), article);
  return root;
}

async function build(...args: Parameters<typeof project>): Promise<string> {
  return (await buildSingle(await project(...args))).html;
}

test('claims stand in a table with mean and spread of the runs, and end the notebook that examines them', async () => {
  const html = await build([
    CLAIM,
    { ...CLAIM, id: 'other', verdict: 'open', measured: [], notebook: '09-later.ipynb', evidence: undefined },
  ]);
  const item =
    '<li><span class="verdict refuted">Refuted</span> <a href="#claim-frozen">Frozen features &lt;fail&gt;</a></li>';
  assert.equal(html.split(item).length, 2);
  assert.match(html, /<p>What this decides<\/p>/);
  // The mean of .314 and .2 is .257.
  assert.match(
    html,
    /mAP, <strong>frozen<\/strong>: <a class="quoted" href="#run-05-first" [^>]*>25\.7\u00a0%<\/a> \(20\.0 to 31\.4; n\u00a0=\u00a02\)/,
  );
  assert.match(html, /<tr id="claim-other">[\s\S]*nothing yet[\s\S]*Not yet measured/);
  assert.match(html, /<a class="where" href="#what-was-found">/);
  assert.match(html, /<a href="#claims-2">Claims and verdicts<\/a>/);
  assert.match(html, /<div class="folded" id="run-05-second">/);
  assert.deepEqual(await htmlComplaints(html), []);
});

test('an mAP stands with its interval over pictures where all of its runs have one', async () => {
  const root = await project([
    { ...CLAIM, measured: [MEASURED, { ...MEASURED, files: MEASURED.files.slice(1) }] },
  ]);
  const evaluation = sampleEvaluation();
  for (const [name, map, low, high] of [
    ['05-first', 0.314, 0.3, 0.33],
    ['05-second', 0.2, 0.18, 0.23],
  ] as const) {
    evaluation.final.pooled.map = map;
    const interval = { low, high, resamples: 1000 };
    await writeRun(root, name, { evaluation: { ...evaluation, final: { ...evaluation.final, interval } } });
  }
  const { html } = await buildSingle(root);
  assert.match(html, />25\.7\u00a0%<\/a> \(20\.0 to 31\.4; 95\u00a0% 18\.0 to 33\.0; n\u00a0=\u00a02\)/);
  assert.match(html, />20\.0\u00a0%<\/a> \(95\u00a0% 18\.0 to 23\.0; n\u00a0=\u00a01\)/);
});

test('the article has a table of the claims that say why in a sentence, each with the way to all of it', async () => {
  const inArticle = 'They reach [31.4 %](../report/runs/05-first/evaluation.json#final.pooled.map).';
  const article =
    '# Story\n\n[Table (verdicts)](#verdicts): What holds.\n\nSee [Table (verdicts)](#verdicts).';
  const html = await build(
    [
      { ...CLAIM, inArticle },
      { ...CLAIM, id: 'other' },
    ],
    article,
  );
  const table = /<figure class="captioned" id="article-verdicts">[\s\S]*?<\/figure>/.exec(html)?.[0] ?? '';
  assert.match(table, /Table 1<\/a> What holds\./);
  assert.equal(table.match(/<tr>/g)?.length, 2);
  assert.match(
    table,
    /<a href="#claim-frozen">Frozen features &lt;fail&gt;<\/a>[\s\S]*Refuted[\s\S]*31\.4 %/,
  );
  assert.match(html, /See <a href="#article-verdicts">Table\u00a01<\/a>/);
});

test('results that were typed into the reasons are named, those that were claimed have their source', async () => {
  const because =
    'From 0.2003 to 3.5 %, not [31.4 %](../report/runs/05-first/evaluation.json#final.pooled.map).';
  const { warnings } = await buildReport(await project([{ ...CLAIM, claim: 'It reaches 0.0049.', because }]));
  assert.deepEqual(warnings, [
    "report/claims.json, claim 1: typed by hand: 0.2003, 3.5 %; quote from a run's record or report/sources.json, or let a cell print it",
  ]);
});

test('a project without claims has a page without them', async () => {
  const root = await makeProject({ '05-frozen.ipynb': [markdown('# Frozen')] });
  folders.push(root);
  assert.doesNotMatch((await buildSingle(root)).html, /class="verdicts"/);
});

test('what is wrong with a claim is said with the claim and the field', async () => {
  const cases: [object[] | object, RegExp][] = [
    [
      [{ ...CLAIM, measured: [] }],
      /claims\.0 is .*, expected a measurement for its verdict; measure it, or leave it open/,
    ],
    [[{ ...CLAIM, verdict: 'maybe' }], /claims\.0\.verdict is 'maybe', expected confirmed, refuted/],
    [[CLAIM, CLAIM], /two entries have the id 'frozen'/],
    [[{ ...CLAIM, id: 'No' }], /claims\.0\.id is 'No', expected lower-case letters/],
    [[{ ...CLAIM, short: ' ' }], /claims\.0\.short is ' ', expected text/],
    [
      [{ ...CLAIM, evidence: 'nowhere' }],
      /claims\.json, claim 1: link to '#nowhere', which is not on the page/,
    ],
    [[{ ...CLAIM, notebook: '07-x.ipynb' }], /claim 1: notebook '07-x\.ipynb' is not on the page/],
    [
      [{ ...CLAIM, measured: [{ ...MEASURED, name: 'final.pooled.mop' }] }],
      /claims\.json, claim 1: link to report\/runs\/05-first\/evaluation\.json#final\.pooled\.mop: .* has no 'mop'/,
    ],
    [
      [{ ...CLAIM, measured: [{ ...MEASURED, files: [] }] }],
      /measured\.0\.files is \[\], expected a list with an entry/,
    ],
    [
      [{ ...CLAIM, measured: [{ ...MEASURED, digits: -1 }] }],
      /digits is -1, expected a whole number, 0 or more/,
    ],
    [
      [{ ...CLAIM, measured: [{ ...MEASURED, as: 'share' }] }],
      /as is 'share', expected number, percent or gigabytes/,
    ],
    [
      [{ ...CLAIM, because: '[31 %](../report/runs/05-second/evaluation.json#final.pooled.map)' }],
      /claim 1: the text says '31 %', but .* write '20 %'/,
    ],
    [{ claims: {} }, /report\/claims\.json: claims is an object, expected a list/],
    [[{ ...CLAIM, verdikt: 'x' }], /unknown field 'claims\.0\.verdikt'; did you mean 'claims\.0\.verdict'\?/],
  ];
  for (const [claims, message] of cases) {
    await assert.rejects(build(claims), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  }
});
