import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../core/errors';
import { Random } from '../../core/random';
import { loadDetector, saveDetector } from '../../detect/detectorFolder';
import { codingOf } from '../../grid/coding';
import { Detector } from '../../model/detector';
import { findRunRecord, readRunRecord } from '../../record/readRunRecord';
import { initBackend } from '../../tensor/backend';
import { readConfigFile } from '../config/configFile';
import { writeRunRecord } from '../workdir/writeRunRecord';
import { damage, damagesOf } from './damage';
import { TinyRun } from './tinyRun';

const random = new Random('corrupt results');
let folder: string;
let cases = 0;

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'corrupt-results-'));
});
after(async () => {
  await rm(folder, { recursive: true });
  process.stdout.write(
    `${cases} corrupt results and settings read: each as it was written or an error in words\n`,
  );
});

/** Reading gives what was written, or one line. @returns The line, if it was that. */
async function readsRightOrSays<T>(what: string, read: () => T | Promise<T>, written: T): Promise<string> {
  cases += 1;
  try {
    assert.deepEqual(await read(), written, what);
    return '';
  } catch (error) {
    assert.ok(error instanceof UserError, `${what}: ${error instanceof Error ? error.stack : error}`);
    assert.ok(!error.message.includes('\n'), `${what}: ${error.message}`);
    return error.message;
  }
}

test('a damaged record is never taken for a result, whatever became of which file', async () => {
  const tiny = await TinyRun.prepare();
  await tiny.run('whole');
  const { records, run } = tiny.place('whole');
  const path = join(records, 'run');
  const written = await readRunRecord(path);
  const swap = {
    ...written,
    record: { ...written.record, key: '0'.repeat(64) },
    evaluation: { ...written.evaluation, epochs: [] },
  };
  swap.metrics = written.metrics.map((line) => ({ ...line, loss: 1 }));
  const { path: other } = await writeRunRecord(join(folder, 'others'), swap);
  assert.deepEqual(readdirSync(path).sort(), [
    'evaluation.json',
    'memory.json',
    'metrics.jsonl',
    'record.json',
  ]);
  for (const file of readdirSync(path)) {
    const whole = readFileSync(join(path, file));
    const swapped = file === 'memory.json' ? Buffer.from('{}') : readFileSync(join(other, file));
    for (const [what, content] of damagesOf(whole, random, { flips: 150, swapped })) {
      damage(join(path, file), content);
      const said = await readsRightOrSays(`${file} ${what}`, () => readRunRecord(path), written);
      // A bit in what only parts the values, or the end of the last line, changes nothing.
      if (!/flipped|by a byte/.test(what))
        assert.match(said, /delete the folder to train again$/, `${file} ${what}`);
    }
    writeFileSync(join(path, file), whole);
  }
  for (const change of [{ format: 2 }, { format: 0 }, { key: undefined }]) {
    writeFileSync(join(path, 'record.json'), JSON.stringify({ ...written.record, ...change }));
    const said = await readsRightOrSays(JSON.stringify(change), () => readRunRecord(path), written);
    assert.match(said, /damaged run record \((format \d, expected 1|'key' is missing in record\.json)\)/);
  }
  // What says whether all is as it was written is itself gone.
  const { hash: _, ...unmarked } = written.record;
  writeFileSync(join(path, 'record.json'), JSON.stringify(unmarked));
  await assert.rejects(readRunRecord(path), /damaged run record \(its files are not as they were written\)/);
  // A whole record of another key, under this one's name.
  rmSync(path, { recursive: true });
  cpSync(other, path, { recursive: true });
  assert.equal(await findRunRecord(records, 'run', written.record.key), undefined);
  rmSync(run, { recursive: true });
  await tiny.run('whole');
  assert.equal(
    (await findRunRecord(records, 'run', written.record.key))?.path,
    `${path}-${written.record.key.slice(0, 8)}`,
  );
  await tiny.dispose();
});

test('a damaged network is never loaded', async () => {
  const spec = { inputSize: 64, gridSize: 1, predictors: 1, headWidth: 1, classes: ['disc', 'box'] };
  const detector = new Detector({ ...spec, backbone: 'baseline', head: 'convolutional' });
  for (const [seed, name] of ['run', 'other'].entries()) {
    detector.initialise(seed);
    await saveDetector(join(folder, name), detector, codingOf(seed ? 'linear' : 'sigmoid'));
    detector.dispose();
  }
  const describe = async () => {
    const loaded = await loadDetector(join(folder, 'run'));
    loaded.dispose();
    return { spec: loaded.detector.spec, coding: loaded.coding };
  };
  const written = await describe();
  for (const file of ['detector.json', 'weights.safetensors']) {
    const path = join(folder, 'run', file);
    const whole = readFileSync(path);
    const swapped = readFileSync(join(folder, 'other', file));
    const flips = file === 'detector.json' ? 20 : 3;
    for (const [what, content] of damagesOf(whole, random, { flips, swapped })) {
      damage(path, content);
      const said = await readsRightOrSays(`${file} ${what}`, describe, written);
      if (file !== 'detector.json' || !/flipped|by a byte/.test(what))
        assert.notEqual(said, '', `${file} ${what}`);
    }
    writeFileSync(path, whole);
  }
  writeFileSync(join(folder, 'run', 'detector.json'), '{"format": 2}');
  assert.match(await readsRightOrSays('version', describe, written), /damaged \(format 2, expected 1\)/);
});

test('a config file that is no config is one line', async () => {
  const path = join(folder, 'config.ts');
  const whole = Buffer.from("export default {\n  name: 'run',\n  epochs: 3,\n};\n");
  writeFileSync(path, whole);
  const written = readConfigFile(path);
  const swapped = Buffer.from('{"name": "run"}');
  for (const [index, [what, content]] of damagesOf(whole, random, { flips: 0, swapped }).entries()) {
    // A program is executed once, however often it is read.
    const damaged = join(folder, `config-${index}.ts`);
    writeFileSync(damaged, whole);
    damage(damaged, content);
    const said = await readsRightOrSays(what, () => readConfigFile(damaged), written);
    if (what !== 'cut off by a byte')
      assert.match(said, /config-\d\.ts: (no such config|cannot be executed|exports no)/);
  }
});
