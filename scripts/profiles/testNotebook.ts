import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findDevkits } from 'yolov1/data';
import { executeNotebook } from '../../src/lib/notebook/execute';

const NOTEBOOKS = join(__dirname, '..', '..', 'notebooks');

/**
 * Runs a notebook from top to bottom in the real kernel, training in front of the reader: nothing is read from records.
 * Each notebook has a test file of its own, so that they run beside each other and a slow machine has time for each.
 *
 * @param testFile - Path of the test file, which bears the notebook's name.
 */
export function testNotebook(testFile: string): void {
  const name = basename(testFile).replace(/\.test\.ts$/, '.ipynb');
  const file = join(NOTEBOOKS, name);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'notebook-profiles-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const profile of ['smoke', 'short']) {
    test(`${name} runs whole under the profile ${profile}`, async (t) => {
      if (profile === 'short' && findDevkits().yearFolders.length < 2) {
        t.skip('YOLOV1_DATA has no VOC2007 and VOC2012: no photographs to train on');
        return;
      }
      const stored = await readFile(file, 'utf8');
      const executed = await executeNotebook(file, {
        output: join(folder, `${profile}-${name}`),
        env: { YOLOV1_PROFILE: profile, YOLOV1_CACHE: join(folder, 'cache') },
      });
      const text = JSON.stringify(executed.cells);
      assert.match(text, new RegExp(`profile ${profile}`));
      assert.match(text, /mAP@\.5/);
      assert.equal(await readFile(file, 'utf8'), stored, 'the notebook itself is left as it was');
    });
  }
}
