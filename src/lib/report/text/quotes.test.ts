import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { durationInWords } from 'yolov1/record';
import { buildSingle, code, makeProject, markdown, shown, writeRun } from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const RUN = '../report/runs/05-first';

async function project(text: string, files: Record<string, unknown> = {}) {
  const root = await makeProject({ '05-quotes.ipynb': [markdown(`# Quotes\n\n${text}`)] });
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

async function build(...args: Parameters<typeof project>): Promise<string> {
  return (await buildSingle(await project(...args))).html;
}

test('a number that links to its name in a run record is checked and leads to what is told of the run', async () => {
  const html = await build(
    `It reaches [31.4 %](${RUN}/evaluation.json#final.pooled.map), [0.314](${RUN}/evaluation.json#final.pooled.map).`,
  );
  assert.ok(
    html.includes(
      '<a href="#run-05-first" title="05-first/evaluation.json: final.pooled.map" class="quoted">31.4 %</a>',
    ),
  );
  assert.match(html, /<div class="folded" id="run-05-first">/);
});

test('entries of a list are named by their name or epoch, and numbers are written as text does', async () => {
  const html = await build(
    `[40 %](${RUN}/evaluation.json#final.pooled.classes.cat.ap), [-1](${RUN}/evaluation.json#final.pooled.classes.dog.ap), ` +
      `[6.22 %](${RUN}/evaluation.json#epochs.5.map), [4.8](${RUN}/evaluation.json#epochs.5.falsePositives.0.perPicture), [1,210](${RUN}/record.json#data.train.pictures), ` +
      `[tensorflow](${RUN}/record.json#backend.name)`,
  );
  assert.equal(html.match(/class="quoted"/g)?.length, 6);
});

test('numbers of other results under report/ are checked too and lead to their file', async () => {
  const html = await build('[5.7](../report/memory/plan.json#batch.16) GB', {
    'report/memory/plan.json': { batch: { 16: 5.7123 } },
  });
  assert.match(
    html,
    /<a href="\.\.\/\.\.\/report\/memory\/plan\.json#batch\.16" title="memory\/plan\.json: batch\.16"/,
  );
});

test('figures from outside are quoted with their source, and may be written without a zero', async () => {
  const sources = {
    'report/sources.json': { peer: { source: 'A <program>', epochs: [{ epoch: 12, map: 0.412 }] } },
  };
  const html = await build('[.412](../report/sources.json#peer.epochs.12.map)', sources);
  assert.match(
    html,
    /sources\.json#peer\.epochs\.12\.map" title="A &lt;program&gt;" class="quoted"[^>]*>\.412<\/a>/,
  );
  await assert.rejects(
    build('[.413](../report/sources.json#peer.epochs.12.map)', sources),
    /the text says '\.413', but report\/sources\.json#peer\.epochs\.12\.map is 0\.412; write '0\.412'/,
  );
  await assert.rejects(
    build('[.4](../report/sources.json#other.map)', { 'report/sources.json': { other: { map: 0.4 } } }),
    /'other' of report\/sources\.json has no 'source'/,
  );
});

test('an unknown name, run or file stops the build with notebook, cell and the names there are', async () => {
  const place = '05-quotes\\.ipynb, Markdown cell 1: link to report/runs/';
  await assert.rejects(
    build(`[1](${RUN}/evaluation.json#final.pooled.mapp)`),
    new RegExp(
      `${place}05-first/evaluation\\.json#final\\.pooled\\.mapp: 'final\\.pooled' of .* has no 'mapp'; it has map, classes`,
    ),
  );
  await assert.rejects(build(`[1](${RUN}/evaluation.json#epochs.7.map)`), /has no '7'; it has 1, 5/);
  await assert.rejects(
    build(`[1](../report/runs/none/evaluation.json#x)`),
    new RegExp(`${place}none/evaluation\\.json: ENOENT`),
  );
  await assert.rejects(
    build(`[1](${RUN}/evaluation.json#final)`),
    /expected the name of a number or text in it/,
  );
  await assert.rejects(build(`[1](${RUN}/evaluation.json#__proto__.x)`), /has no '__proto__'/);
});

test('a number that is not what the record says stops the build with what to write', async () => {
  await assert.rejects(
    build(`[31.5 %](${RUN}/evaluation.json#final.pooled.map)`),
    /Markdown cell 1: the text says '31\.5 %', but report\/runs\/05-first\/evaluation\.json#final\.pooled\.map is 0\.3143; write '31\.4 %'/,
  );
  await assert.rejects(
    build(`[a lot](${RUN}/evaluation.json#final.pooled.map)`),
    /is 'a lot', expected a number such as 0\.3143/,
  );
  await assert.rejects(
    build(`[wasm](${RUN}/record.json#backend.name)`),
    /the text says 'wasm', but .* is 'tensorflow'/,
  );
});

test('what is told of a run is all that repeating it needs', async () => {
  const html = await build(`[879](${RUN}/record.json#seconds)`);
  const panel = /<details class="fold run">[\s\S]*?<\/details>/.exec(html)?.[0] ?? '';
  const rows = [...panel.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(([, term, words]) => [
    term,
    words.replace(/<[^>]*>/g, ''),
  ]);
  assert.deepEqual(rows, [
    ['Profile', 'mini'],
    ['Seed', '3'],
    ['Trained on', 'VOC2012/train: 1210 pictures aa11'],
    ['Evaluated on', 'VOC2012/val: 861 pictures bb22'],
    ['Weights at the start', 'resnet18.safetensors cc33'],
    ['Code', 'yolov1 0.1.0'],
    ['Backend', 'tensorflow 2.21.0 on cpu, 2 cores'],
    ['Started', '2026-11-23 06:55 UTC'],
    ['Took', '14 min 39 s'],
    ['Key', 'dd44'],
    ['Record', 'report/runs/05-first'],
    ['To repeat', 'npx yolov1 train 05-first.ts --retrain with 05-first.ts'],
  ]);
  const program =
    /download="05-first\.ts" href="data:text\/plain;charset=utf-8,([^"]*)"/.exec(panel)?.[1] ?? '';
  assert.equal(
    decodeURIComponent(program),
    "export default {\n  seed: 3,\n  name: '05-first',\n  epochs: 5,\n};\n",
  );
});

test('a notebook and its figures say from which runs they were made', async () => {
  const root = await project('');
  const path = join(root, 'notebooks/05-quotes.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  notebook.metadata.yolov1 = {
    freshness: { source: '', modules: {}, inputs: { '../report/runs/05-first': 'x' } },
  };
  await writeFile(path, JSON.stringify(notebook));
  const { html } = await buildSingle(root);
  assert.match(html, /Made from the runs <a href="#run-05-first">05-first<\/a>\./);
  await rm(join(root, 'report/runs/05-first'), { recursive: true });
  await assert.rejects(
    buildReport(root),
    /05-quotes\.ipynb: made from report\/runs\/05-first, which is not there/,
  );
});

test('an altered or damaged record ends the build with its name, and markup in one stays text', async () => {
  const root = await project('');
  const file = (name: string) => join(root, 'report/runs/05-first', name);
  const evaluation = await readFile(file('evaluation.json'), 'utf8');
  await writeFile(file('evaluation.json'), evaluation.replace('0.3143', '0.3144'));
  await assert.rejects(
    buildReport(root),
    /^NotebookError: .*05-first: damaged run record \(its files are not as they were/,
  );
  await writeFile(file('evaluation.json'), evaluation);
  await writeRun(root, '05-first', { record: { weights: undefined } });
  await assert.rejects(buildReport(root), /05-first: damaged run record .*'weights' is missing/);
  await writeFile(file('record.json'), '{');
  await assert.rejects(buildReport(root), /05-first: damaged run record/);
  const evil = '</dd><script>alert(1)</script>';
  await writeRun(root, '05-first', { record: { profile: evil, config: { [evil]: evil }, code: evil } });
  assert.doesNotMatch((await buildSingle(root)).html, /<script>alert/);
});

test('a heading can not take a name that the page itself uses', async () => {
  const root = await makeProject({
    '05-names.ipynb': [markdown('# A'), markdown('## Text'), code('1;', shown('text/plain', '1'))],
  });
  folders.push(root);
  const { html } = await buildSingle(root);
  assert.match(html, /<h3 id="text-2">/);
});

test('durations are in words', () => {
  assert.deepEqual([45.4, 60, 879, 7384].map(durationInWords), [
    '45 s',
    '1 min 0 s',
    '14 min 39 s',
    '2 h 3 min',
  ]);
});
