import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ExperimentOverrides } from 'yolov1';
import { Experiments, experiments } from './experiments';
import { quote } from './quote';

/** As if a notebook ran here, with nothing on the machine. */
let folder: string;
const home = process.cwd();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'experiments-test-'));
  await mkdir(join(folder, 'notebooks'));
  process.env.YOLOV1_CACHE = join(folder, 'cache');
  process.env.YOLOV1_DATA = join(folder, 'no-data');
  process.chdir(join(folder, 'notebooks'));
});
after(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const tiny: Omit<ExperimentOverrides, 'profile' | 'train' | 'evaluate'> = {
  name: '07-tiny',
  backboneWeights: 'random',
  model: {
    backbone: 'resnet18',
    head: 'convolutional',
    inputSize: 64,
    gridSize: 2,
    predictors: 1,
    headWidth: 8,
  },
  loss: { kind: 'sigmoid' },
  epochs: 1,
  batchSize: 4,
};

test('a machine with nothing trains on generated scenes, and finds the record again', async () => {
  const lab = await experiments('07');
  assert.deepEqual([lab.profile, lab.whole, lab.scale], ['smoke', false, 'profile smoke']);
  assert.deepEqual(
    [lab.seeds(3), lab.epochs(12), lab.pick('all', 'few'), lab.seen('It rises.')],
    [[0], 2, 'few', ''],
  );
  const [first] = await lab.repeat({ ...tiny, ...lab.data, limit: 8 }, 3);
  assert.equal(first.record.name, '07-tiny-smoke');
  const again = await lab.run({ ...tiny, ...lab.data, limit: 8 });
  assert.equal(again.record.started, first.record.started);
  // A record in the cache is quoted without a link that would lead nowhere on another machine.
  assert.match(quote(again, 'final.pooled.map').markdown, /^\d\.\d{4}$/);
  assert.deepEqual(await lab.stored('07-tiny'), []);
});

test('a repetition begins from the head of its own seed', async () => {
  const lab = new Experiments('07', 'mini', false, undefined);
  const asked: unknown[] = [];
  lab.run = async ({ name, initialHead, seed }) => {
    asked.push([name, initialHead, seed]);
    return {} as never;
  };
  await lab.repeat({ ...tiny, ...lab.data, initialHead: '06-head' }, 2);
  assert.deepEqual(asked, [
    ['07-tiny', '06-head', 0],
    ['07-tiny-1', '06-head-1', 1],
  ]);
});

test('values without a record, on a machine without photographs, get an offer in one line', async () => {
  const lab = await experiments('07', { profile: 'mini', changed: true });
  assert.deepEqual([lab.seeds(3), lab.epochs(12)], [[0], 2]);
  await assert.rejects(lab.run({ ...tiny, ...lab.data }), (error: Error) => {
    assert.equal(error.name, 'UserError');
    assert.match(
      error.message,
      /^07-tiny-mini: no record has these values, and VOC2007 and VOC2012 .*lib\.experiments\('07', \{ profile: 'smoke' \}\)/,
    );
    assert.doesNotMatch(error.stack ?? '', /\n\s+at /);
    return true;
  });
});
