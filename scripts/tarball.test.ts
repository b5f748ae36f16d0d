// The package as someone else gets it: packed, installed into an empty folder, set up, imported in a notebook there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { initBackend } from 'yolov1';
import { executeNotebook } from '../src/lib/notebook/execute';
import { notebookOf } from './fixtures/notebookOf';

const PACKAGE = join(__dirname, '..', 'src', 'yolo');
/** The detector that comes with the package. */
const MODELS = join(PACKAGE, 'models');
const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
after(() => rmSync(folder, { recursive: true }));

function run(cwd: string, command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr, told: `${command} ${args.join(' ')}\n${stdout}\n${stderr}` };
}

test('a tarball of the package installs into an empty folder and is imported by a notebook there', async (t) => {
  const packed = run(PACKAGE, 'npm', 'pack', '--silent', '--pack-destination', folder);
  assert.equal(packed.status, 0, packed.told);
  const [tarball] = readdirSync(folder);
  assert.match(tarball, /^yolov1-\d+\.\d+\.\d+\.tgz$/);

  const home = join(folder, 'home of someone');
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{"private": true}');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  const installed = run(home, 'npm', 'install', '--ignore-scripts', ...quiet, join('..', tarball));
  if (/\b(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED)\b/.test(installed.stderr)) {
    t.skip('the package registry cannot be reached and the packages are not in the cache of npm');
    return;
  }
  assert.equal(installed.status, 0, installed.told);
  const content = readdirSync(join(home, 'node_modules', 'yolov1')).sort();
  assert.deepEqual(
    content.filter((name) => name !== 'node_modules'),
    ['LICENSE', 'README.md', 'bin', 'dist', ...(existsSync(MODELS) ? ['models'] : []), 'package.json'],
  );
  const files = readdirSync(join(home, 'node_modules', 'yolov1', 'dist'), { recursive: true }).map(String);
  assert.ok(files.includes('index.d.ts') && !files.some((file) => file.includes('.test.')));

  // What computes here computes there.
  const { name } = await initBackend();
  const setUp = run(home, 'npx', 'yolov1', 'setup', ...(name === 'wasm' ? ['--optional'] : []));
  assert.equal(setUp.status, 0, setUp.told);

  const doctor = run(home, 'npx', 'yolov1', 'doctor', '--json');
  const { detector } = JSON.parse(doctor.stdout);
  if (existsSync(MODELS)) assert.equal(detector.name, 'yolov1-resnet18', doctor.told);
  else assert.match(detector.error, /the detector of the package is missing/);

  const code = [
    "import { Detector, initBackend, tf } from 'yolov1';",
    "import { boxIou } from 'yolov1/grid';",
    'const box = { left: 0, top: 0, right: 1, bottom: 1 };',
    'const { name } = await initBackend();',
    "const detector = new Detector({ backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1, classes: ['one'] });",
    'detector.initialise(0);',
    'const predictions = detector.forward(tf.zeros<tf.Rank.R4>([1, 64, 64, 3]));',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the notebook's own template
    'console.log(`backend ${name}, predictions [${predictions.shape}], IoU ${boxIou(box, box)}`);',
  ];
  const notebook = join(home, 'first.ipynb');
  writeFileSync(notebook, JSON.stringify(notebookOf(code.join('\n'))));
  await executeNotebook(notebook);
  const { cells } = JSON.parse(readFileSync(notebook, 'utf8'));
  const text = cells[0].outputs.flatMap((output: { text?: string[] }) => output.text ?? []).join('');
  assert.equal(text, `backend ${name}, predictions [1,2,2,6], IoU 1\n`);
});
