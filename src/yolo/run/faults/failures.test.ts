import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { Detector } from '../../model/detector';
import { ExponentialMovingAverage } from '../../train/ema';
import { Optimizer } from '../../train/optimizer';
import { waysToFail } from './failingCalls';
import { type Call, type Failure, FaultyFiles } from './faultyFiles';
import { assertSurvived, survive, Tally } from './survival';
import { type Outcome, TinyRun } from './tinyRun';

type Method = (...args: unknown[]) => unknown;

/** Injected in each part of a run, spread evenly over its calls and the ways in which they fail. */
const FEATURES = 40;
const WHOLE = 66;
const RESUMED = 48;

const tally = new Tally('failures injected');
let tiny: TinyRun;
let faulty: FaultyFiles;
let expected: Outcome;

before(async () => {
  tiny = await TinyRun.prepare();
  await tiny.run('whole');
  expected = await tiny.outcome('whole');
  // In the middle of the second epoch, with two checkpoints behind it.
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 3 && controller.abort();
  await assert.rejects(tiny.run('cut', { onStep, signal: controller.signal }), /stopped after step 3/);
  faulty = await FaultyFiles.install();
});

after(async () => {
  faulty.uninstall();
  await tiny.dispose();
  process.stdout.write(`${tally}\n`);
});

/** Places to start from: with nothing, with the features computed, and with a run that was cut short. */
const NOTHING = () => Promise.resolve();
const COMPUTED = (place: string) =>
  cp(tiny.place('whole').cache, tiny.place(place).cache, { recursive: true });
const CUT = (place: string) => cp(tiny.place('cut').root, tiny.place(place).root, { recursive: true });

/** Let calls of a session fail, one in each, `count` in all. */
async function failCalls(
  count: number,
  start: (place: string) => Promise<void>,
  counts: (call: Call) => boolean,
): Promise<void> {
  const ways = await waysToFail(tiny, faulty, start, counts);
  assert.ok(ways.length >= count, `${ways.length} ways to fail`);
  for (let n = 0; n < count; n++) {
    const { call, index, failure } = ways[Math.floor(((n + 0.5) * ways.length) / count)];
    await start(String(n));
    const fails = (_: Call, at: number): Failure | undefined => (at === index ? failure : undefined);
    await survive(tiny, String(n), expected, tally, {
      name: `call ${index}, ${call.name}: ${failure}`,
      async session() {
        faulty.watch(tiny.place(String(n)).root, fails);
        try {
          await tiny.run(String(n));
        } finally {
          faulty.rest();
        }
      },
    });
    await tiny.remove(String(n));
  }
}

test('any call of the file system may fail while features are computed and kept', async () => {
  await failCalls(FEATURES, NOTHING, ({ path }) => path.includes('cache'));
  assertSurvived(tally);
});

test('any call of the file system may fail while a run trains, evaluates and records', async () => {
  await failCalls(WHOLE, COMPUTED, () => true);
  assertSurvived(tally);
});

test('any call of the file system may fail while a run goes on from a checkpoint', async () => {
  await failCalls(RESUMED, CUT, () => true);
  assertSurvived(tally);
});

/** A session in which a method fails at its n-th call. */
async function withMethod(
  [target, name, nth]: [object, string, number],
  fail: (result: () => unknown) => unknown,
  session: () => Promise<void>,
): Promise<void> {
  let calls = 0;
  const original = (target as Record<string, Method>)[name];
  const replaced = mock.method(target as Record<string, Method>, name, function (this: object, ...args) {
    const result = () => original.apply(this, args);
    return ++calls === nth ? fail(result) : result();
  } as Method);
  try {
    await session();
  } finally {
    replaced.mock.restore();
    assert.ok(calls >= nth, `${name} was called ${calls} times`);
  }
}

/** One failure in a place of its own, from computed features on unless `start` says otherwise. */
async function failOnce(
  name: string,
  session: (place: string) => Promise<void>,
  { thrown, start = COMPUTED }: { thrown?: Error; start?: (place: string) => Promise<void> } = {},
): Promise<void> {
  await start(name);
  const injection = { name, session: () => session(name), ...(thrown ? { thrown } : {}) };
  await survive(tiny, name, expected, tally, injection);
  await tiny.remove(name);
}

// The head is called in two steps, an evaluation, twice two steps, and the last evaluation.
test('outputs that are no numbers end a step and an evaluation in words', async () => {
  const noNumbers = (result: () => unknown) => tf.tidy(() => (result() as tf.Tensor).mul(Number.NaN));
  for (let nth = 1; nth <= 8; nth++) {
    await failOnce(`NaN ${nth}`, (place) =>
      withMethod([Detector.prototype, 'predictFromFeatures', nth], noNumbers, () => tiny.run(place)),
    );
  }
  assertSurvived(tally);
});

test('an exception in a step, an evaluation or a checkpoint comes through, and nothing is left behind', async () => {
  const cases: [object, string, number][] = [
    ...[1, 3, 5, 8].map((nth): [object, string, number] => [Detector.prototype, 'predictFromFeatures', nth]),
    ...[1, 4, 6].map((nth): [object, string, number] => [Optimizer.prototype, 'apply', nth]),
    ...[2, 5].map((nth): [object, string, number] => [ExponentialMovingAverage.prototype, 'update', nth]),
    ...[1, 30, 90].map((nth): [object, string, number] => [tf.Tensor.prototype, 'data', nth]),
  ];
  for (const [target, name, nth] of cases) {
    const thrown = new Error(`${name} ${nth} fails`);
    const fail = () => {
      throw thrown;
    };
    await failOnce(thrown.message, (place) => withMethod([target, name, nth], fail, () => tiny.run(place)), {
      thrown,
    });
  }
  assertSurvived(tally);
});

test('features that change on the disk while a run reads them are noticed and computed anew', async () => {
  for (const at of [1, 3, 5]) {
    await failOnce(`features changed after step ${at}`, async (place) => {
      const folder = join(tiny.place(place).cache, 'features');
      const files = readdirSync(folder).filter((name) => name.endsWith('.f32'));
      const [held, trained] = files
        .map((name) => join(folder, name))
        .sort((a, b) => statSync(a).size - statSync(b).size);
      const onStep = ({ step }: { step: number }) => {
        if (step !== at) return;
        const path = at === 5 ? held : trained;
        // In place, as the run has the file open.
        writeFileSync(
          path,
          readFileSync(path).map((byte, index) => (index % 50 ? byte : byte ^ 1)),
        );
      };
      await assert.rejects(tiny.run(place, { onStep }), (error: Error) => {
        assert.match(error.message, /features of Scenes\/\d+ are not as they were written/);
        throw error;
      });
    });
  }
  assertSurvived(tally);
});

test('a picture that is cut off, no picture or gone ends the loading of its batch in words', async () => {
  const path = join(tiny.folder, 'data', 'Scenes', 'JPEGImages', '000003.jpg');
  const whole = readFileSync(path);
  for (const damage of [
    () => writeFileSync(path, whole.subarray(0, 900)),
    () => writeFileSync(path, 'no picture'),
    () => rmSync(path),
  ]) {
    await failOnce(
      `picture ${damage}`,
      async (place) => {
        damage();
        try {
          await tiny.run(place);
        } finally {
          writeFileSync(path, whole);
        }
      },
      { start: NOTHING },
    );
  }
  assertSurvived(tally);
});

test('180 failures were injected', () => assert.equal(tally.injected, 180));
