import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadDataset } from '../data/dataset';
import { findSource } from '../data/findDevkits';
import { writeScenesDevkit } from '../data/scene/writeScenesDevkit';
import { loadDetector } from '../detect/detectorFolder';
import { predictItems } from '../detect/predictItems';
import { groundTruthTable } from '../eval/table/groundTruthTable';
import { evaluateVoc } from '../eval/voc';
import { readSafetensors, writeSafetensors } from '../model/weights/safetensors';
import { runExperiment } from '../run/experiment';
import { SCENES_RUN } from '../run/fixtures/scenesRun';
import { initBackend } from '../tensor/backend';
import { packDetector } from './packedDetector';

let folder: string;
let run: string;
let packed: string;

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'packed-'));
  run = join(folder, 'runs', 'tiny');
  packed = join(folder, 'packed');
  await writeScenesDevkit(join(folder, 'data'), { train: 16, val: 10 });
  const cacheBefore = process.env.YOLOV1_CACHE;
  process.env.YOLOV1_CACHE = join(folder, 'cache');
  // Long enough for a head on features to know its 16 scenes by heart.
  const model = { ...SCENES_RUN.model, inputSize: 128, gridSize: 4, headWidth: 64 };
  const training = { epochs: 60, learningRate: 3e-3, emaDecay: null };
  await runExperiment(
    { ...SCENES_RUN, ...training, name: 'tiny', model },
    { results: join(folder, 'records'), workdir: join(folder, 'runs'), dataFolder: join(folder, 'data') },
  );
  if (cacheBefore === undefined) delete process.env.YOLOV1_CACHE;
  else process.env.YOLOV1_CACHE = cacheBefore;
  await packDetector(run, packed);
});
after(() => rm(folder, { recursive: true }));

async function meanAveragePrecision(network: string): Promise<number> {
  const data = await loadDataset([findSource('Scenes/train', { dataFolder: join(folder, 'data') })]);
  const detector = await loadDetector(network);
  const found = await predictItems(detector, data.items);
  detector.dispose();
  return evaluateVoc(found, groundTruthTable(data.items, data.classes)).map;
}

test('a packed network is a quarter of the size and finds what it found before', async () => {
  const size = async (network: string) => (await stat(join(network, 'weights.safetensors'))).size;
  assert.ok((await size(packed)) < 0.27 * (await size(run)));
  const expected = await meanAveragePrecision(run);
  assert.ok(expected > 0.9, `mAP ${expected}`);
  const found = await meanAveragePrecision(packed);
  assert.ok(Math.abs(found - expected) < 5e-3, `${found}, expected ${expected}`);
});

test('every value is within half a scale of its own, vectors are exact, and all names are kept', async () => {
  const [{ tensors: before }, { tensors: now }] = await Promise.all(
    [run, packed].map((network) => readSafetensors(join(network, 'weights.safetensors'))),
  );
  assert.deepEqual([...now.keys()].sort(), [...before.keys()].sort());
  for (const [name, { shape, data }] of before) {
    const read = now.get(name)!;
    assert.deepEqual(read.shape, shape);
    if (shape.length === 1) assert.deepEqual(read.data, data, name);
    const length = data.length / shape[0];
    for (let channel = 0; channel < shape[0] && shape.length > 1; channel++) {
      const values = data.subarray(channel * length, (channel + 1) * length);
      const bound = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 253.9;
      values.forEach((value, i) => {
        assert.ok(Math.abs(value - read.data[channel * length + i]) <= bound, `${name}, channel ${channel}`);
      });
    }
  }
});

test('a packed network that is cut off, changed or mixed with another one is refused in words', async () => {
  const broken = async (change: (weights: string) => Promise<void>) => {
    const copy = join(folder, 'broken');
    await cp(packed, copy, { recursive: true });
    await change(join(copy, 'weights.safetensors'));
    return loadDetector(copy);
  };
  await assert.rejects(
    broken((weights) => truncate(weights, 5000)),
    /weights\.safetensors: .*the file is damaged or not safetensors, fetch or copy it again/,
  );
  await assert.rejects(
    broken(async (weights) => {
      const bytes = await readFile(weights);
      bytes[bytes.length - 1] ^= 1;
      await writeFile(weights, bytes);
    }),
    /is not the file that belongs to detector\.json beside it/,
  );
  await assert.rejects(
    broken((weights) => cp(join(run, 'weights.safetensors'), weights)),
    /is not the file that belongs to detector\.json beside it/,
  );
});

test('nothing is packed of a folder without a network, or of one that diverged', async () => {
  await assert.rejects(packDetector(join(folder, 'none'), join(folder, 'x')), /none.*cannot read detector/);
  const copy = join(folder, 'diverged');
  await cp(run, copy, { recursive: true });
  const weights = join(copy, 'weights.safetensors');
  const { tensors } = await readSafetensors(weights);
  tensors.get('head.output.bias')!.data[0] = Number.NaN;
  await writeSafetensors(weights, tensors);
  // Without the hash of the weights, as older folders are.
  const about = JSON.parse(await readFile(join(copy, 'detector.json'), 'utf8'));
  await writeFile(
    join(copy, 'detector.json'),
    JSON.stringify({ ...about, weights: undefined, hash: undefined }),
  );
  await assert.rejects(
    packDetector(copy, join(folder, 'x')),
    /tensor head\.output\.bias has values that are not finite; the training diverged/,
  );
});
