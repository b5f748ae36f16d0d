import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Random } from '../../core/random';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { resnet18 } from '../../model/resnet18';
import { readSafetensors, writeSafetensors } from '../../model/weights/safetensors';
import { saveWeights } from '../../model/weights/weights';
import { initBackend } from '../../tensor/backend';

const PROGRAM = join(__dirname, '..', '..', 'bin', 'yolov1.js');
let folder: string;

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'cli-train-'));
  await writeScenesDevkit(join(folder, 'data'), { train: 4, val: 2 });
  await writeFile(
    join(folder, 'config.ts'),
    `import type { ExperimentOverrides } from 'yolov1';
     // Seconds on generated scenes.
     export default {
       name: 'cli',
       profile: 'smoke',
       train: ['Scenes/train'],
       evaluate: ['Scenes/val'],
       model: { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1, headWidth: 8 },
       loss: { kind: 'sigmoid' },
       epochs: 1,
       batchSize: 2,
     } satisfies ExperimentOverrides;`,
  );
});
after(() => rm(folder, { recursive: true }));

function train(...args: string[]) {
  return spawnSync(process.execPath, [PROGRAM, 'train', 'config.ts', '--data', 'data', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      YOLOV1_CACHE: join(folder, 'cache'),
      YOLOV1_WEIGHTS: join(folder, 'weights'),
      CI: 'true',
    },
  });
}

/** One line on stderr that matches, exit status 1, and neither record nor run nor features left. */
async function refused(message: RegExp, ...args: string[]): Promise<void> {
  const { status, stderr, stdout } = train(...args);
  assert.equal(status, 1, stderr);
  assert.equal(stdout, '');
  const complaint = stderr
    .split('\n')
    .filter((line) => line.startsWith('yolov1: ') && !line.includes('NO PRE-TRAINED'));
  assert.equal(complaint.length, 1, stderr);
  assert.match(complaint[0], message);
  assert.ok(!existsSync(join(folder, 'report')), 'a record was left');
  assert.ok(!existsSync(join(folder, 'runs', 'cli')), 'a run was left');
  const features: string[] = await readdir(join(folder, 'cache', 'features')).catch(() => []);
  assert.deepEqual(
    features.filter((name) => name.endsWith('.tmp')),
    [],
  );
}

test('a config runs to a record, and its fields can be set on the command line', async () => {
  const { status, stdout, stderr } = train(
    '--set',
    'backboneWeights=random',
    '--results',
    'rec',
    '--workdir',
    'done',
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^class +n +AP\n/);
  assert.ok(stdout.split('\n').length <= 25);
  assert.match(stdout, /^cli: mAP@\.5 \d\.\d{4} pooled \(Scenes \d\.\d{4}\), 2 pictures/m);
  const record = JSON.parse(await readFile(join(folder, 'rec', 'cli', 'record.json'), 'utf8'));
  assert.equal(record.config.backboneWeights, 'random');
  assert.deepEqual((await readdir(join(folder, 'done', 'cli'))).sort(), [
    'detector.json',
    'metrics.jsonl',
    'run.json',
    'weights.safetensors',
  ]);
});

test('without weights the run goes on from random ones and says so loudly', () => {
  const { status, stderr } = train('--results', 'rec2', '--workdir', 'done2');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /NO PRE-TRAINED WEIGHTS: no resnet18\.safetensors in YOLOV1_WEIGHTS/);
});

test('a mistake in the config or the command is one line and exit status 1', async () => {
  await refused(/unknown field 'epoch'; did you mean 'epochs'\?/, '--set', 'epoch=3');
  await refused(/--set epochs: expected key=value/, '--set', 'epochs');
  await refused(
    /nolist.*no such id list; its lists are train, trainval, val/,
    '--set',
    'train=["Scenes/nolist"]',
  );
  await refused(/Nowhere: no such folder/, '--set', 'train=["Nowhere/train"]');
});

test('a damaged, incomplete or foreign weights file is one line that names file and tensor', async () => {
  const path = join(folder, 'weights', 'resnet18.safetensors');
  await mkdir(join(folder, 'weights'), { recursive: true });
  const network = resnet18({ prefix: '' });
  network.initialise([64, 64, 3], new Random(1));
  await saveWeights(path, network);
  network.dispose();
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, whole.length / 2));
  await refused(
    /resnet18\.safetensors: its tensors end at byte \d+ of the data, the file has \d+; .*fetch or copy it again/,
  );
  await writeFile(path, whole);
  const { tensors } = await readSafetensors(path);
  tensors.delete('layer3.0.bn1.running_var');
  await writeSafetensors(path, tensors);
  await refused(/1 of 100 tensors are missing, first layer3\.0\.bn1\.running_var/);
  tensors.set('layer3.0.bn1.running_var', { shape: [2], data: new Float32Array(2) });
  await writeSafetensors(path, tensors);
  await refused(/tensor layer3\.0\.bn1\.running_var has shape \[2\], expected \[256\]/);
  await rm(path);
});

test('a broken picture in the middle of a run is one line that names it, and nothing half-written stays', async () => {
  const broken = join(folder, 'data', 'Scenes', 'JPEGImages', '000003.jpg');
  const whole = await readFile(broken);
  const config = ['--set', 'backboneWeights=random', '--set', 'seed=5'];
  await writeFile(broken, whole.subarray(0, whole.length / 2));
  await refused(/000003\.jpg: is damaged or cut off/, ...config);
  await writeFile(broken, 'no picture at all');
  await refused(/000003\.jpg: can't be read as a picture/, ...config);
  await rm(broken);
  await refused(/000003\.jpg: no such picture/, ...config);
  await writeFile(broken, whole);
});
