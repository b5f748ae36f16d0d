import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findDevkits } from 'yolov1';
import { executeNotebook } from '../src/lib/notebook/execute';
import { findNotebooks } from '../src/lib/notebook/find';

// Every notebook from top to bottom in the real kernel, training in front of the reader: nothing is read from records.
const NOTEBOOKS = findNotebooks(join(__dirname, '..', 'notebooks'));

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notebook-profiles-'));
});
after(() => rm(folder, { recursive: true }));

for (const profile of ['smoke', 'short']) {
  for (const file of NOTEBOOKS) {
    test(`${basename(file)} runs whole under the profile ${profile}`, async (t) => {
      if (profile === 'short' && findDevkits().yearFolders.length < 2) {
        t.skip('YOLOV1_DATA has no VOC2007 and VOC2012: no photographs to train on');
        return;
      }
      const stored = await readFile(file, 'utf8');
      const executed = await executeNotebook(file, {
        output: join(folder, `${profile}-${basename(file)}`),
        env: { YOLOV1_PROFILE: profile, YOLOV1_CACHE: join(folder, 'cache') },
      });
      const text = JSON.stringify(executed.cells);
      assert.match(text, new RegExp(`profile ${profile}`));
      assert.match(text, /mAP@\.5 \d/);
      assert.equal(await readFile(file, 'utf8'), stored, 'the notebook itself is left as it was');
    });
  }
}
