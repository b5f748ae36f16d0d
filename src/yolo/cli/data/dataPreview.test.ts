import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import sharp from 'sharp';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { addDataCommand } from './data';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-preview-'));
  await writeScenesDevkit(folder, { train: 6, val: 1 });
  await writeFile(
    join(folder, 'config.ts'),
    `export default {
       name: 'cli', profile: 'smoke', train: ['Scenes/train'], evaluate: ['Scenes/val'],
       model: { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1 },
       loss: { kind: 'sigmoid' }, epochs: 1,
     };`,
  );
});
after(() => rm(folder, { recursive: true }));

/** Runs `data preview` and returns what it prints. */
async function preview(...args: string[]): Promise<string> {
  const printed: string[] = [];
  const program = new Command('yolov1').configureOutput({ writeOut: (text) => printed.push(text) });
  addDataCommand(program);
  const command = ['data', 'preview', join(folder, 'config.ts'), '--data', folder, ...args];
  await program.parseAsync(command, { from: 'user' });
  return printed.join('');
}

test('four scenes in six forms make one sheet', async () => {
  const out = join(folder, 'sheet.png');
  const augmentation = '{ "fit": "stretch", "flip": 0.5, "mosaic": 0.5 }';
  const text = await preview('--out', out, '--set', 'trainable=all', '--set', `augmentation=${augmentation}`);
  assert.equal(text, `${out}: 4 pictures of 6, each in 6 forms\n`);
  const { format, width, height } = await sharp(out).metadata();
  assert.deepEqual([format, width, height], ['png', 1400, 1016]);
});

test('an earlier sheet is replaced, another file is not', async () => {
  const out = join(folder, 'again.png');
  await preview('--out', out);
  const first = await readFile(out);
  await preview('--out', out, '--set', 'views.flip=true');
  assert.notDeepEqual(await readFile(out), first);
  const mine = await sharp(first).png().toBuffer();
  await writeFile(out, mine);
  await assert.rejects(
    preview('--out', out),
    /again\.png: is there .* but is no sheet of yolov1 data preview/,
  );
  assert.deepEqual(await readFile(out), mine);
});

test('a wrong field or name of the file is refused, and nothing is written', async () => {
  const out = join(folder, 'none.png');
  await assert.rejects(
    preview('--out', out, '--set', 'augmentation.flip=2'),
    /augmentation\.flip is 2, expected a number, 0 to 1/,
  );
  await assert.rejects(preview('--out', join(folder, 'none.jpg')), /none\.jpg: expected the name of a PNG/);
  await assert.rejects(preview('--out', join(folder, 'no', 'none.png')), /none\.png: can't be written/);
  assert.equal(existsSync(out), false);
});
