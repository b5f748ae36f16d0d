import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { executeNotebook } from '../src/lib/notebook/execute.ts';
import { launchBrowser } from '../src/lib/report/fixtures/browser.ts';
import { lab, notebookOf, root, startLab, TOKEN, whyNot } from './fixtures/lab.mjs';

/** Longest time for all cells of a notebook, milliseconds: other tests use the processor at the same time. */
const LONGEST = 240_000;

/** What cells can show, in every form. */
const SHORT = [
  "import { display, liveDisplay } from 'yolov1-lib';\nconst live = liveDisplay();\nlive.text('0 of 3');",
  "process.stderr.write('');\nfor (let i = 1; i <= 3; i++) {\n  live.text(i + ' of 3');\n  await new Promise((resolve) => setTimeout(resolve, 20));\n}\nlive.text('done');",
  'display.svg(\'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><circle cx="30" cy="30" r="25" fill="teal"/></svg>\');\ndisplay.markdown(\'**bold** $x^2$\');\ndisplay.html(\'<b>html</b>\');',
  "console.log('one\\ntwo');\nconsole.error('to stderr');\nconst answer: number = 42;\nanswer",
];
/** A training on generated scenes, small enough for a test. */
const TRAINING = [
  "import * as yolo from 'yolov1';\nimport { writeScenesDevkit } from 'yolov1/data';\nawait yolo.initBackend();\nawait writeScenesDevkit('scenes', { train: 16, val: 4 });",
  `const run = await yolo.runExperiment({
  name: 'Live', profile: 'smoke', train: ['Scenes/train'], evaluate: ['Scenes/val'], backboneWeights: 'random',
  model: { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1, headWidth: 8 },
  loss: { kind: 'sigmoid' }, epochs: 3, batchSize: 4,
}, { results: 'records', workdir: 'runs', dataFolder: 'scenes' });
console.log('trained');`,
];
/** The same, long enough to be stopped. */
const LONG = [TRAINING[0], TRAINING[1].replace("'Live'", "'Stopped'").replace('epochs: 3', 'epochs: 500')];
/** One of the project's own, made from its run records in seconds. */
const OWN = '03-frozen-backbone.ipynb';

const skip = whyNot();
/** A project of its own, so that nothing of this one is changed: its packages and records are linked. */
let folder;
let server;
let browser;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'lab-test-'));
  mkdirSync(join(folder, 'notebooks'));
  for (const name of ['node_modules', 'report']) symlinkSync(join(root, name), join(folder, name));
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  // The results come from the records, also where there are photographs.
  delete process.env.YOLOV1_DATA;
  server = await startLab(folder);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

test('without Python, one line says what is missing and what to do', () => {
  const { status, stderr } = spawnSync(process.execPath, [lab], {
    encoding: 'utf8',
    env: { PATH: tmpdir() },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^npm run lab needs Python 3\.9 or newer.*install it .*\n$/);
});

test('JupyterLab, running all cells and saving, writes the very file that we write', { skip }, async () => {
  const file = join(folder, 'notebooks', 'short.ipynb');
  writeFileSync(file, JSON.stringify(notebookOf(SHORT)));
  const ours = await executeThenEmpty(file);
  const page = await open(file);
  await runAll(page, SHORT.length);
  await page.locator('.jp-Notebook svg circle, .jp-Notebook img[src^="data:image/svg"]').first().waitFor();
  assert.equal(await saved(page, file, ours), ours);
  await page.close();
});

test('a training shows its progress and its curve while it runs', { skip }, async () => {
  const file = join(folder, 'notebooks', 'training.ipynb');
  writeFileSync(file, JSON.stringify(notebookOf(TRAINING)));
  const page = await open(file);
  const finished = runAll(page, TRAINING.length);
  await page.getByText(/Live: epoch \d, step \d+ of 12, loss \d/).waitFor({ timeout: LONGEST });
  await finished;
  await page.getByText('trained', { exact: true }).waitFor();
  const curve = page.locator('.jp-OutputArea-output svg, .jp-OutputArea-output img[src^="data:image/svg"]');
  await curve.first().waitFor();
  const text = await saved(page, file, undefined);
  const shown = JSON.parse(text).cells[1].outputs.map(({ data }) => data && Object.keys(data).join());
  assert.deepEqual(shown, ['text/plain', 'image/svg+xml', undefined]);
  assert.match(text, /Live: epoch 3, step 12 of 12/);
  assert.match(text, /loss a picture/);
  await page.close();
});

test('the stop button ends a training in order, run again it goes on, and with a restarted kernel as well', {
  skip,
}, async () => {
  const file = join(folder, 'notebooks', 'stopped.ipynb');
  writeFileSync(file, JSON.stringify(notebookOf(LONG)));
  const page = await open(file);
  const step = /Stopped: epoch \d+, step \d+ of 2000/;
  const command = async (menu, item) => {
    await page.locator('.lm-MenuBar-itemLabel', { hasText: menu }).click();
    await page.locator('.lm-Menu-itemLabel', { hasText: item }).click();
  };
  await command(/^Run$/, /^Run All Cells$/);
  await page.getByText(step).waitFor({ timeout: LONGEST });
  await command(/^Kernel$/, /^Interrupt Kernel/);
  const stopped =
    /UserError: .*Stopped: stopped after step \d+, everything is saved; run the cell again to go on/;
  await page.getByText(stopped).waitFor({ timeout: LONGEST });
  assert.equal(existsSync(join(folder, 'notebooks', 'runs', 'Stopped', 'lock')), false);
  await idle(page);
  // For a fifth of a second after an error tslab takes no cell, so that those which wait behind it are not run.
  await page.waitForTimeout(1000);
  await command(/^Run$/, /^Run All Cells$/);
  await page.getByText(step).waitFor({ timeout: LONGEST });
  await command(/^Kernel$/, /^Restart Kernel…$/);
  await page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
  await idle(page);
  await command(/^Run$/, /^Run All Cells$/);
  await page.getByText(step).waitFor({ timeout: LONGEST });
  await command(/^Kernel$/, /^Interrupt Kernel/);
  await page.getByText(stopped).waitFor({ timeout: LONGEST });
  await page.close();
});

test('a notebook of the project, run by its reader from the records, is the one that we write', {
  skip,
}, async () => {
  const file = join(folder, 'notebooks', OWN);
  copyFileSync(join(root, 'notebooks', OWN), file);
  const ours = await executeThenEmpty(file);
  const code = JSON.parse(ours).cells.filter(({ cell_type }) => cell_type === 'code');
  const figures = code.flatMap(({ outputs }) => outputs.filter(({ data }) => data?.['text/html']));
  assert.ok(figures.length >= 5);
  const page = await open(file);
  await runAll(page, code.length);
  const drawn = page.locator('.jp-OutputArea-output img[alt]');
  assert.ok((await drawn.count()) > 0);
  assert.ok(await drawn.last().evaluate((image) => image.complete && image.naturalWidth > 100));
  assert.equal(await saved(page, file, ours), ours);
  await page.close();
});

test('stored figures are shown, also to a reader who has not run the notebook and does not trust it', {
  skip,
}, async () => {
  const stored = JSON.parse(readFileSync(join(root, 'notebooks', OWN), 'utf8'));
  // Trust goes by content, and this one nobody has seen.
  stored.metadata.seen = TOKEN;
  const file = join(folder, 'notebooks', 'stored.ipynb');
  writeFileSync(file, JSON.stringify(stored));
  const figures = stored.cells
    .flatMap(({ outputs }) => outputs ?? [])
    .filter(({ data }) => data?.['text/html']);
  const page = await open(file);
  const shown = () =>
    page.evaluate(() => {
      const images = [...document.querySelectorAll('.jp-OutputArea-output img[alt]')];
      return images.filter(({ complete, naturalWidth, alt }) => complete && naturalWidth > 100 && alt).length;
    });
  // JupyterLab draws what comes near the window; so the reader goes through it to the end.
  await page.locator('.jp-Notebook').click();
  await page.keyboard.press('Escape');
  let most = 0;
  for (let i = 0; i < 80 && most < figures.length; i++) {
    most = Math.max(most, await shown());
    await page.keyboard.press('j');
    await page.waitForTimeout(50);
  }
  assert.ok(figures.length >= 5);
  assert.equal(most, figures.length);
  await page.close();
});

/** Executes a notebook, then takes its outputs away. Returns the file as it was with them. */
async function executeThenEmpty(file) {
  await executeNotebook(file);
  const ours = readFileSync(file, 'utf8');
  const emptied = JSON.parse(ours);
  for (const cell of emptied.cells) {
    if (cell.cell_type === 'code') Object.assign(cell, { outputs: [], execution_count: null });
  }
  writeFileSync(file, JSON.stringify(emptied));
  return ours;
}

/** Opens a notebook and waits for its kernel. */
async function open(file) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(60_000);
  await page.goto(`${server.url}lab/tree/${file.slice(folder.length + 1)}?token=${TOKEN}&reset`);
  await idle(page);
  return page;
}

/** Waits for a kernel that takes cells. */
async function idle(page) {
  await page.getByText('TypeScript | Idle').waitFor({ timeout: LONGEST });
}

/** Chooses "Run All Cells" from the menu, and waits for the last of so many code cells. */
async function runAll(page, cells) {
  await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Run$/ }).click();
  await page.locator('.lm-Menu-itemLabel', { hasText: /^Run All Cells$/ }).click();
  await page.locator('.jp-InputPrompt', { hasText: `[${cells}]:` }).waitFor({ timeout: LONGEST });
}

/** Saves the notebook; returns the file's text when it is the one wanted, or after 10 s what it is. */
async function saved(page, file, wanted) {
  const before = readFileSync(file, 'utf8');
  const done = () => {
    const now = readFileSync(file, 'utf8');
    // JupyterLab empties the file before it writes it.
    return wanted === undefined ? now !== before && now.endsWith('}\n') : now === wanted;
  };
  await page.keyboard.press('Control+s');
  for (let i = 0; i < 100 && !done(); i++) await page.waitForTimeout(100);
  return readFileSync(file, 'utf8');
}
