import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hashOf } from '../src/yolo/core/hashOf';
import { loadDataset } from '../src/yolo/data/dataset';
import { writeScenesDevkit } from '../src/yolo/data/scene/writeScenesDevkit';
import { findRunRecord, readRunRecord } from '../src/yolo/record/readRunRecord';
import { runKey } from '../src/yolo/record/runKey';
import type { RunRecord } from '../src/yolo/record/runRecord';
import { writeRunRecord } from '../src/yolo/run/workdir/writeRunRecord';
import { migrateRecords, oldFingerprintOf } from './migrate-fingerprints';

let folder: string;
let dataFolder: string;
let records: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrate-'));
  dataFolder = join(folder, 'data');
  records = join(folder, 'records');
  await writeScenesDevkit(dataFolder, { train: 4, val: 2 });
  const random = { source: 'random', fingerprint: 'random 0' };
  const { key } = await writeOld('head', { limit: null, initialHead: null }, random);
  const weights = { source: 'random, head of head', fingerprint: hashOf(['random 0', key]) };
  await writeOld('tuned', { limit: 2, initialHead: 'head' }, weights);
});
after(() => rm(folder, { recursive: true }));

/** A record as it was written when fingerprints did not see pictures. */
async function writeOld(
  name: string,
  changes: { limit: number | null; initialHead: string | null },
  weights: RunRecord['weights'],
) {
  const config = { name, train: ['Scenes/train'], evaluate: ['Scenes/val'], ...changes };
  const used = async (split: string) => {
    const { items } = await loadDataset([{ folder: join(dataFolder, 'Scenes'), split }]);
    const kept = items.slice(0, changes.limit ?? items.length);
    return { parts: [`Scenes/${split}`], pictures: kept.length, fingerprint: oldFingerprintOf(kept) };
  };
  const data = { train: await used('train'), evaluate: await used('val') };
  const record = {
    ...{ name, config, data, weights, key: runKey(config, data, weights) },
    ...{ profile: 'smoke', code: '0.1.0', started: '2026-01-01T00:00:00.000Z', seconds: 1 },
    backend: { name: 'wasm' as const, version: '4', device: 'cpu' as const, cores: 1, note: '' },
  };
  const evaluation = { epochs: [], final: { pooled: { map: 0.5 }, years: {} } };
  await writeRunRecord(records, {
    record,
    metrics: [{ kind: 'epoch', epoch: 1, step: 1 }],
    evaluation: evaluation as never,
  });
  return record;
}

test('records get new fingerprints and keys, also of a head that another began with; their results stay', async () => {
  const before = await Promise.all(['head', 'tuned'].map((name) => readRunRecord(join(records, name))));
  assert.deepEqual(await migrateRecords(records, dataFolder), { changed: ['head', 'tuned'], unchanged: [] });
  const fresh = await loadDataset([{ folder: join(dataFolder, 'Scenes'), split: 'train' }]);
  for (const { record, metrics, evaluation } of before) {
    const after = await readRunRecord(join(records, record.name));
    assert.deepEqual(
      [after.metrics, after.evaluation, after.record.config],
      [metrics, evaluation, record.config],
    );
    assert.notEqual(after.record.key, record.key);
    const { config, data, weights } = after.record;
    assert.equal(after.record.key, runKey(config, data, weights));
    assert.ok(await findRunRecord(records, record.name, after.record.key));
  }
  const [head, tuned] = await Promise.all(
    ['head', 'tuned'].map((name) => readRunRecord(join(records, name))),
  );
  assert.equal(head.record.data.train.fingerprint, fresh.fingerprint);
  assert.equal(tuned.record.weights.fingerprint, hashOf(['random 0', head.record.key]));
});

test('again, nothing is left to do; a record that finished meanwhile is migrated beside the others', async () => {
  assert.deepEqual(await migrateRecords(records, dataFolder), { changed: [], unchanged: ['head', 'tuned'] });
  await writeOld('late', { limit: null, initialHead: null }, { source: 'random', fingerprint: 'random 1' });
  assert.deepEqual(await migrateRecords(records, dataFolder), {
    changed: ['late'],
    unchanged: ['head', 'tuned'],
  });
});

test('with other pictures nothing is written', async () => {
  const other = join(folder, 'other');
  await cp(dataFolder, other, { recursive: true });
  const picture = join(other, 'Scenes', 'JPEGImages', '000001.jpg');
  await writeFile(picture, (await readFile(picture)).subarray(0, -20));
  const before = await readFile(join(records, 'head', 'record.json'));
  await assert.rejects(
    migrateRecords(records, other),
    /head: was made from other data than those at hand; set YOLOV1_DATA/,
  );
  assert.deepEqual(await readFile(join(records, 'head', 'record.json')), before);
});
