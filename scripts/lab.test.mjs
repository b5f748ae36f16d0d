import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { executeNotebook } from '../src/lib/notebook/execute.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lab = join(root, 'scripts', 'lab.mjs');
const TOKEN = 'test';

const CELLS = [
  "import { display, liveDisplay } from 'yolov1-lib';\nconst live = liveDisplay();\nlive.text('0 of 3');",
  "for (let i = 1; i <= 3; i++) {\n  live.text(i + ' of 3');\n  await new Promise((resolve) => setTimeout(resolve, 20));\n}\nlive.text('done');",
  'display.svg(\'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><circle cx="30" cy="30" r="25" fill="teal"/></svg>\');\ndisplay.markdown(\'**bold** $x^2$\');\ndisplay.html(\'<b>html</b>\');',
  "console.log('one\\ntwo');\nconsole.error('to stderr');\nconst answer: number = 42;\nanswer",
];

let folder;
before(() => {
  // In the project, where cells find its packages.
  folder = mkdtempSync(join(root, 'notebooks', 'lab-test-'));
});
after(() => rmSync(folder, { recursive: true }));

test('without Python, one line says what is missing and what to do', () => {
  const { status, stderr } = spawnSync(process.execPath, [lab], {
    encoding: 'utf8',
    env: { PATH: tmpdir() },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^npm run lab needs Python 3\.9 or newer.*install it .*\n$/);
});

test('JupyterLab, running all cells and saving, writes the very file that we write', {
  skip: whyNot(),
}, async () => {
  const file = join(folder, 'same.ipynb');
  writeFileSync(file, JSON.stringify(notebookOf(CELLS)));
  await executeNotebook(file);
  const ours = readFileSync(file, 'utf8');
  const emptied = JSON.parse(ours);
  for (const cell of emptied.cells) Object.assign(cell, { outputs: [], execution_count: null });
  writeFileSync(file, JSON.stringify(emptied));
  const server = await startLab();
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    await page.goto(`${server.url}lab/tree/${file.slice(root.length)}?token=${TOKEN}`);
    await page.getByText('TypeScript | Idle').waitFor();
    await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Run$/ }).click();
    await page.locator('.lm-Menu-itemLabel', { hasText: /^Run All Cells$/ }).click();
    await page.locator('.jp-InputPrompt', { hasText: '[4]:' }).waitFor();
    await page.locator('.jp-Notebook svg circle, .jp-Notebook img[src^="data:image/svg"]').first().waitFor();
    await page.keyboard.press('Control+s');
    for (let i = 0; i < 50 && readFileSync(file, 'utf8') !== ours; i++) await page.waitForTimeout(100);
    assert.equal(readFileSync(file, 'utf8'), ours);
  } finally {
    await browser.close();
    await server.stop();
  }
});

/** A reason to skip the test in the browser; undefined where all it needs is there. */
function whyNot() {
  const cache =
    process.env.YOLOV1_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'yolov1');
  const installed = existsSync(join(cache, 'lab')) ? readdirSync(join(cache, 'lab')) : [];
  if (!installed.some((name) => existsSync(join(cache, 'lab', name, 'complete')))) {
    return 'JupyterLab is not installed: `npm run lab -- --version` does that';
  }
  return findChromium() ? undefined : 'no Chromium found in PATH';
}

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((at) => join(at, name))).find((path) => existsSync(path));
}

/** Starts `npm run lab` on a free port and waits for its address. */
async function startLab() {
  const args = ['--no-browser', '--ServerApp.port=0', `--IdentityProvider.token=${TOKEN}`];
  if (process.getuid?.() === 0) args.push('--allow-root');
  const child = spawn(process.execPath, [lab, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  const url = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const address = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(said)?.[1];
      if (address) resolve(address);
    });
    exited.then(() => reject(new Error(`JupyterLab ended:\n${said}`)));
  });
  return {
    url,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** A notebook of these code cells. */
function notebookOf(cells) {
  return {
    cells: cells.map((source, index) => ({
      cell_type: 'code',
      id: `cell-${index + 1}`,
      metadata: {},
      source,
      execution_count: null,
      outputs: [],
    })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}
