import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { makeProject, markdown, sampleRun } from '../fixtures/sampleProject';
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

/** A page of one notebook and two runs, of which the second's mAP is another one. */
async function project(claims: object[] | object, question = 'Is it *so*?') {
  const root = await makeProject({
    '05-frozen.ipynb': [markdown('# Frozen\n\n## What was found\n\nA lot, see [claims](#claims).')],
  });
  folders.push(root);
  const second = sampleRun('05-second') as Record<string, { final?: { pooled: { map: number } } }>;
  second['report/runs/05-second/evaluation.json'].final!.pooled.map = 0.2;
  const file = Array.isArray(claims) ? { question, claims } : claims;
  const files = { ...sampleRun('05-first'), ...second, 'report/claims.json': file };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return buildReport(root);
}

async function build(...args: Parameters<typeof project>): Promise<string> {
  return readFile((await project(...args)).path, 'utf8');
}

test('claims open the page, stand in a table with mean and spread of the runs, and end the notebook that examines them', async () => {
  const html = await build([
    CLAIM,
    { ...CLAIM, id: 'other', verdict: 'open', measured: [], notebook: '09-later.ipynb', evidence: undefined },
  ]);
  assert.match(html, /<p class="question">Is it <em>so<\/em>\?<\/p>/);
  const item =
    '<li><span class="verdict refuted">Refuted</span> <a href="#claim-frozen">Frozen features &lt;fail&gt;</a></li>';
  // In the opening, and at the end of the notebook.
  assert.equal(html.split(item).length, 3);
  assert.match(html, /<p>What this decides<\/p>/);
  // The mean of .314 and .2 is .257.
  assert.match(
    html,
    /mAP, <strong>frozen<\/strong>: <a class="quoted" href="#run-05-first" [^>]*>25\.7\u00a0%<\/a> \(20\.0 to 31\.4, n = 2\)/,
  );
  assert.match(html, /<tr id="claim-other">[\s\S]*nothing yet[\s\S]*Not yet measured/);
  assert.match(html, /<a class="where" href="#what-was-found">/);
  assert.match(html, /<a href="#claims-and-verdicts">Claims and verdicts<\/a>/);
  // What is told of a run is told of those that only claims rest on, too.
  assert.match(html, /<div class="folded" id="run-05-second">/);
  assert.deepEqual(await htmlComplaints(html), []);
});

test('results that were typed into the reasons are named, those that were claimed have their source', async () => {
  const because =
    'From 0.2003 to 3.5 %, not [31.4 %](../report/runs/05-first/evaluation.json#final.pooled.map).';
  const { warnings } = await project([{ ...CLAIM, claim: 'It reaches 0.0049.', because }]);
  assert.deepEqual(warnings, [
    "report/claims.json, claim 1: typed by hand: 0.2003, 3.5 %; quote from a run's record or report/sources.json, or let a cell print it",
  ]);
});

test('a project without claims has a page without them', async () => {
  const root = await makeProject({ '05-frozen.ipynb': [markdown('# Frozen')] });
  folders.push(root);
  assert.doesNotMatch(await readFile((await buildReport(root)).path, 'utf8'), /class="verdicts"/);
});

test('what is wrong with a claim is said with the claim and the field', async () => {
  const cases: [object[] | object, RegExp][] = [
    [[{ ...CLAIM, measured: [] }], /claim 1 \('frozen'\): a verdict without a measurement; measure it/],
    [[{ ...CLAIM, verdict: 'maybe' }], /verdict 'maybe', expected one of confirmed, refuted/],
    [[CLAIM, CLAIM], /two claims have the id 'frozen'/],
    [[{ ...CLAIM, id: 'No' }], /id 'No', expected lower-case letters/],
    [[{ ...CLAIM, short: ' ' }], /claim 1: 'short' is " ", expected text/],
    [
      [{ ...CLAIM, evidence: 'nowhere' }],
      /claims\.json, claim 1: link to '#nowhere', which is not on the page/,
    ],
    [[{ ...CLAIM, notebook: '07-x.ipynb' }], /claim 1: notebook '07-x\.ipynb' is not on the page/],
    [
      [{ ...CLAIM, measured: [{ ...MEASURED, name: 'final.pooled.mop' }] }],
      /claims\.json, claim 1: link to report\/runs\/05-first\/evaluation\.json#final\.pooled\.mop: .* has no 'mop'/,
    ],
    [[{ ...CLAIM, measured: [{ ...MEASURED, files: [] }] }], /'files' is \[\], expected a list of files/],
    [[{ ...CLAIM, measured: [{ ...MEASURED, digits: -1 }] }], /'digits' is -1, expected 0 to 10/],
    [
      [{ ...CLAIM, measured: [{ ...MEASURED, as: 'share' }] }],
      /'as' is "share", expected number, percent or gigabytes/,
    ],
    [
      [{ ...CLAIM, because: '[31 %](../report/runs/05-second/evaluation.json#final.pooled.map)' }],
      /claim 1: the text says '31 %', but .* write '20 %'/,
    ],
    [{ question: 'x' }, /report\/claims\.json: 'claims' is no list/],
  ];
  for (const [claims, message] of cases) {
    await assert.rejects(build(claims), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  }
});
