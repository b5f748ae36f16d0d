import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { UserError } from '../../core/errors';
import { hashOf } from '../../core/hashOf';
import { Random } from '../../core/random';
import { damage, damagesOf } from './damage';
import { assertSame, type Outcome, TinyRun } from './tinyRun';

const random = new Random('corrupt run');
/** Of a process that is gone: Linux gives no such number. */
const LOCK = JSON.stringify({ process: 4194305, started: '1', host: 'elsewhere', space: '' });
const LONG_AGO = new Date(0);
let tiny: TinyRun;
let expected: Outcome;
let cases = 0;

before(async () => {
  tiny = await TinyRun.prepare();
  await tiny.run('whole');
  expected = await tiny.outcome('whole');
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 3 && controller.abort();
  await assert.rejects(tiny.run('cut', { onStep, signal: controller.signal }), /stopped after step 3/);
});

after(async () => {
  await tiny.dispose();
  process.stdout.write(
    `${cases} corrupt files in a run's way: every run ended right, or in words and then right\n`,
  );
});

/**
 * Damage a file of a run that was cut short, go on, and see that it ends as it should: at once, or after one error in
 * words.
 *
 * @returns What was said: lines on stderr, the error among them.
 */
async function goOn(name: string, corrupt: (place: ReturnType<TinyRun['place']>) => void): Promise<string> {
  cases += 1;
  const place = tiny.place('damaged');
  cpSync(tiny.place('cut').root, place.root, { recursive: true });
  corrupt(place);
  const said: string[] = [];
  const stderr = mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0);
  try {
    await tiny.run('damaged').catch((error) => {
      assert.ok(error instanceof UserError, `${name}: ${error.stack}`);
      said.push(`${error.message}\n`);
      return tiny.run('damaged');
    });
    assertSame(await tiny.outcome('damaged'), expected);
  } finally {
    stderr.mock.restore();
    await tiny.remove('damaged');
  }
  assert.ok(
    said.every((line) => /^[^\n]+\n$/.test(line)),
    said.join(''),
  );
  return said.join('');
}

test("a checkpoint's tensors or note that are not as they were written are passed over", async () => {
  for (const file of ['step-3.safetensors', 'step-3.json']) {
    const path = join(tiny.place('cut').checkpoints, file);
    const swapped = readFileSync(path.replace('step-3', 'step-2'));
    for (const [what, content] of damagesOf(readFileSync(path), random, { swapped })) {
      const said = await goOn(`${file} ${what}`, ({ checkpoints }) =>
        damage(join(checkpoints, file), content),
      );
      const complaint = /step-3\.safetensors: damaged checkpoint, going back to the one before\n/;
      // A note that is gone is a checkpoint that was never complete; one without its last line end says the same.
      if (file.endsWith('.json') && /^(gone|cut off by a byte)$/.test(what)) assert.equal(said, '');
      else assert.match(said, complaint, what);
    }
  }
});

test('a run whose checkpoints are all damaged starts anew', async () => {
  const said = await goOn('all', ({ checkpoints }) => {
    for (const name of readdirSync(checkpoints)) writeFileSync(join(checkpoints, name), 'damaged');
  });
  assert.equal(said.match(/damaged checkpoint/g)?.length, 2);
});

test('checkpoints of another run are neither gone on from nor lost: this one goes beside them', async () => {
  const place = tiny.place('other');
  cpSync(tiny.place('cut').root, place.root, { recursive: true });
  for (const name of readdirSync(place.checkpoints).filter((name) => name.endsWith('.json'))) {
    const note = JSON.parse(readFileSync(join(place.checkpoints, name), 'utf8'));
    // As another run would have written it, hash and all.
    const { hash: _, ...other } = { ...note, key: 'f'.repeat(64) };
    writeFileSync(join(place.checkpoints, name), JSON.stringify({ ...other, hash: hashOf(other) }));
  }
  const filesOf = (folder: string) =>
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]);
  const before = filesOf(place.checkpoints);
  const notes: string[] = [];
  await tiny.run('other', { onNote: (note) => notes.push(note) });
  assert.deepEqual(filesOf(place.checkpoints), before);
  const beside = `${place.run}-${tiny.key.slice(0, 8)}`;
  assert.deepEqual(notes, [`${place.run} holds step 3 of another run. It stays; this run goes to ${beside}`]);
  assert.ok(existsSync(join(beside, 'weights.safetensors')));
  await tiny.remove('other');
});

test('lines of metrics, key and lock are made anew, whatever they hold', async () => {
  for (const file of ['metrics.jsonl', 'run.json', 'lock']) {
    const path = join(tiny.place('cut').run, file);
    const content = file === 'lock' ? Buffer.from(LOCK) : readFileSync(path);
    for (const [what, damaged] of damagesOf(content, random, { flips: 1 })) {
      if (file === 'lock' && damaged === null) continue;
      const said = await goOn(`${file} ${what}`, ({ run }) => {
        damage(join(run, file), damaged);
        // A lock that says nothing is judged by its last sign of life.
        if (file === 'lock') utimesSync(join(run, file), LONG_AGO, LONG_AGO);
      });
      assert.equal(said, '', `${file} ${what}`);
    }
  }
});

test('features or their index that are not as they were written are computed anew', async () => {
  const folder = tiny.place('cut').features;
  const [index, held, trained] = ['.index.json', '.f32', '.f32']
    .map((ending) => readdirSync(folder).filter((name) => name.endsWith(ending)))
    .map(
      (names, place) =>
        names
          .sort((a, b) => statSync(join(folder, a)).size - statSync(join(folder, b)).size)
          .at(place === 1 ? 0 : -1)!,
    );
  for (const file of [index, trained]) {
    const swapped = readFileSync(join(folder, file === index ? `${held}.index.json` : held));
    for (const [what, content] of damagesOf(readFileSync(join(folder, file)), random, { swapped })) {
      const said = await goOn(`${file} ${what}`, ({ features }) => damage(join(features, file), content));
      // Where length and index fit, it shows when a picture's features are read.
      assert.match(said, /^(|.*features of Scenes\/\d+ are not as they were written; .*\n)$/, what);
    }
  }
  const said = await goOn('both swapped', ({ features }) => {
    for (const ending of ['', '.index.json'])
      cpSync(join(features, held + ending), join(features, trained + ending));
  });
  assert.equal(said, '');
});
