import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { executeNotebook } from '../src/lib/notebook/execute';

// The notebook on the focal collapse invites its reader to change values: every one on offer is tried, in as few trainings
// as hold them all. Executed in notebooks/, where its packages are; its outputs go elsewhere.
const NOTEBOOK = join(__dirname, '..', 'notebooks', '02-focal-collapse.ipynb');
const TRIALS = [
  { gamma: 0, lambda: 1, epochs: 1 },
  { gamma: 1, alpha: 0.5, batch: 8 },
  { gamma: 3, seeds: 1 },
];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notebook-values-'));
});
after(() => rm(folder, { recursive: true }));

for (const [k, values] of TRIALS.entries()) {
  const words = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  test(`the notebook follows ${words.join(', ')}`, async () => {
    const changes = Object.entries(values).map(([name, value]) => `play.${name} = ${value};`);
    const notebook = await readFile(NOTEBOOK, 'utf8');
    assert.ok(notebook.includes('// play.gamma = 3;'));
    const input = join(__dirname, '..', 'notebooks', `.values-${process.pid}-${k}.ipynb`);
    await writeFile(input, notebook.replace('// play.gamma = 3;', changes.join(' ')));
    try {
      const { cells } = await executeNotebook(input, {
        output: join(folder, `${k}.ipynb`),
        env: { YOLOV1_PROFILE: 'smoke', YOLOV1_CACHE: join(folder, 'cache') },
      });
      const text = JSON.stringify(cells.map((cell) => ('outputs' in cell ? cell.outputs : [])));
      assert.match(text, /values changed: one seed, two epochs/);
      for (const [name, value] of Object.entries(values)) {
        if (['gamma', 'lambda', 'alpha', 'batch'].includes(name))
          assert.ok(text.includes(`${name} ${value}`), name);
      }
      // What the stored results show is said of them alone.
      assert.doesNotMatch(text, /starts forty times above/);
    } finally {
      await rm(input);
    }
  });
}
