import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { Command } from 'commander';
import { LAYOUTS, makeExamples, writeLayout } from '../../data/import/fixtures/layouts';
import { loadDetector } from '../../detect/detectorFolder';
import { runExperiment } from '../../run/experiment';
import { scenesFolder } from '../../run/fixtures/scenesFolder';
import { SCENES_RUN } from '../../run/fixtures/scenesRun';
import { addDataCommand } from './data';

const scenes = scenesFolder('cli-import-');

afterEach(() => {
  process.exitCode = undefined;
});

/** Runs a `data` command and returns what it prints. */
async function data(...args: string[]): Promise<string> {
  const printed: string[] = [];
  const program = new Command('yolov1')
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => {} });
  addDataCommand(program);
  await program.parseAsync(['data', ...args], { from: 'user' });
  return printed.join('');
}

test('sets of every published layout are imported, checked, trained on together for two epochs, and detected in', async () => {
  const names = Object.keys(LAYOUTS);
  const pictures: Buffer[] = [];
  for (const name of names) {
    const examples = await makeExamples(name);
    pictures.push(examples[0].jpeg);
    await writeLayout(scenes.at('sources', name), LAYOUTS[name](examples));
    const to = scenes.at('data', name);
    const text = await data('import', scenes.at('sources', name), '--to', to, '--fix');
    assert.match(
      text,
      /^(Pascal VOC annotations|COCO JSON|YOLO labels) in \d+ files?, 8 pictures\nLists: /,
      name,
    );
    assert.match(text, /\nObjects: cat \d+, dog \d+; 1 picture without any\n/);
    assert.match(
      text,
      new RegExp(`${name} is complete: 8 pictures linked\\.\nNext: yolov1 data check ${to}; then train`),
    );
    await data('check', to);
    assert.equal(process.exitCode, undefined, name);
  }
  const run = await runExperiment(
    {
      ...SCENES_RUN,
      name: 'published',
      train: names.map((name) => `${name}/train`),
      evaluate: names.map((name) => `${name}/val`),
    },
    scenes.places(),
  );
  assert.equal(Math.max(...run.metrics.map(({ epoch }) => epoch)), 2);

  const detector = await loadDetector(join(scenes.places().workdir, 'published'));
  const found = await detector.detectAll(pictures, { scoreThreshold: 0 });
  detector.dispose();
  assert.ok(
    found.every(
      (detections) => detections.length > 0 && detections.every(({ name }) => /^(cat|dog)$/.test(name)),
    ),
  );
});

test('what is wrong is listed with what --fix would do, exit status 1', async () => {
  const examples = await makeExamples('wrong');
  const { files } = LAYOUTS.Raccoon(examples);
  const changed = new Map(files);
  changed.set(
    'annotations/raccoon-1.xml',
    String(files.get('annotations/raccoon-1.xml')).replace(/<xmax>\d+/, '<xmax>130'),
  );
  changed.delete('images/raccoon-2.jpg');
  changed.set('annotations/\u001b[31m.xml', '<annotation>');
  await writeLayout(scenes.at('wrong'), { ...LAYOUTS.Raccoon(examples), files: changed });
  const text = await data('import', scenes.at('wrong'), '--to', scenes.at('Wrong'));
  assert.equal(process.exitCode, 1);
  assert.match(
    text,
    /\nWhat --fix would mend:\n {2}1 box hanging over the picture, clipped: annotations\/raccoon-1\.xml\n/,
  );
  assert.match(
    text,
    /\nWhat needs a person:\n.* {2}annotations\/raccoon-2\.xml: no picture is named 'raccoon-2'; add it/s,
  );
  assert.match(text, /annotations\/\?\[31m\.xml: not well-formed XML/);
  assert.match(
    text,
    /\nNothing was written\. Next: the same with --fix, leaving out what needs a person, or mend the source\.\n$/,
  );
  assert.match(
    await data('import', scenes.at('wrong'), '--to', scenes.at('Wrong'), '--fix'),
    /\nWhat needs a person, left out:\n/,
  );
  assert.equal(process.exitCode, 1);
});

test("flags that can't be meant are refused", async () => {
  for (const flags of [
    ['--val', '1'],
    ['--seed', 'x'],
    ['--from', 'csv'],
    ['--exif', 'left'],
  ]) {
    await assert.rejects(data('import', 'a', '--to', 'b', ...flags), { name: 'CommanderError' });
  }
});
