import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../core/errors';
import { recordFolders } from '../../record/readRunRecord';
import { readLatestCheckpoint } from './checkpoint';
import { findNetwork, type RunIdentity } from './holdings';
import { type Resume, Workdir } from './workdir';

let folder: string;
let roots = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workdir-'));
});
after(() => rm(folder, { recursive: true }));

const newRoot = () => {
  roots += 1;
  return join(folder, String(roots));
};

/** A run of this number of epochs; all have one name. */
function run(epochs: number): RunIdentity {
  const used = { parts: ['Scenes/train'], pictures: 4, fingerprint: 'f' };
  return {
    name: 'res',
    key: String(epochs).repeat(8),
    config: { name: 'res', epochs },
    data: { train: used, evaluate: used },
    weights: { source: 'random', fingerprint: 'random 0' },
  };
}

/** Some steps of a training, and its end; what ends it in words is given back. */
async function sit(
  root: string,
  identity: RunIdentity,
  { resume, steps, ends }: { resume: Resume; steps: number; ends: boolean },
  notes: string[] = [],
): Promise<string | undefined> {
  try {
    const workdir = await Workdir.open(root, identity, { resume, onNote: (note) => notes.push(note) });
    try {
      const checkpoint = await workdir.newest();
      await workdir.begin(checkpoint);
      let step = checkpoint?.step ?? 0;
      for (let done = 0; done < steps; done++) {
        step += 1;
        const value = step;
        const pieces = async function* () {
          yield Float32Array.of(value);
        };
        const tensors = new Map([['x', { shape: [1], pieces }]]);
        await workdir.save({ step, seconds: step, metrics: [], evaluated: [], tensors });
      }
      if (ends) {
        writeFileSync(join(workdir.path, 'weights.safetensors'), identity.key);
        await workdir.end();
      }
    } finally {
      await workdir.close();
    }
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UserError, (error as Error).stack);
    return error.message;
  }
}

/** Step of the newest checkpoint that a run has anywhere. */
async function stepOf(root: string, { name, key }: RunIdentity): Promise<number> {
  const found = await Promise.all(
    recordFolders(root, name, key).map((path) => readLatestCheckpoint(join(path, 'checkpoints'), key)),
  );
  return Math.max(0, ...found.map((checkpoint) => checkpoint?.step ?? 0));
}

const SITTING = fc.record({
  epochs: fc.constantFrom(2, 3),
  resume: fc.constantFrom<Resume>('continue', 'insist', 'drop', 'refuse'),
  steps: fc.integer({ min: 0, max: 3 }),
  ends: fc.boolean(),
});

test('two configurations under one name, in any order and broken off anywhere, lose neither checkpoint nor network', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(SITTING, { minLength: 2, maxLength: 7 }), async (sittings) => {
      const root = newRoot();
      const steps = new Map<number, number>();
      const networks = new Set<number>();
      for (const { epochs, ...sitting } of sittings) {
        const refused = await sit(root, run(epochs), sitting);
        if (refused === undefined) {
          const before = sitting.resume === 'drop' ? 0 : (steps.get(epochs) ?? 0);
          steps.set(epochs, sitting.ends ? 0 : before + sitting.steps);
          if (sitting.ends) networks.add(epochs);
        }
        for (const [other, step] of steps) assert.equal(await stepOf(root, run(other)), step);
        for (const other of networks) {
          const path = await findNetwork(root, run(other));
          assert.ok(path, `no network of ${other} epochs`);
          assert.equal(readFileSync(join(path, 'weights.safetensors'), 'utf8'), run(other).key);
        }
      }
    }),
    { numRuns: 40, seed: 5 },
  );
});

test('what another configuration has is told with how it differs, and how to train it for longer', async () => {
  const root = newRoot();
  await sit(root, run(2), { resume: 'continue', steps: 3, ends: false });
  const plain = join(root, 'res');
  const beside = join(root, 'res-33333333');
  const said = await sit(root, run(3), { resume: 'insist', steps: 1, ends: false });
  assert.equal(
    said,
    `nothing to go on from: ${plain} holds step 3 of another configuration: epochs 2, not 3. To train its network, when it ` +
      'is finished, for 1 more epoch, set name=res-longer initialNetwork=res epochs=1: its weights go on, while schedule, ' +
      'moments and averages begin anew, so that it is not a run of 3 epochs in one. Without --resume this configuration is ' +
      `trained beside it, in ${beside}`,
  );
  const notes: string[] = [];
  await sit(root, run(1), { resume: 'continue', steps: 1, ends: false }, notes);
  assert.deepEqual(notes, [
    `${plain} holds step 3 of another configuration: epochs 2, not 1. It stays; this run goes to ${join(root, 'res-11111111')}`,
  ]);
});

test('only training anew removes, and says what; a checkpoint is in the way of who did not ask for it', async () => {
  const root = newRoot();
  await sit(root, run(2), { resume: 'continue', steps: 2, ends: false });
  const path = join(root, 'res');
  assert.equal(
    await sit(root, run(2), { resume: 'refuse', steps: 1, ends: false }),
    `${path}: holds an unfinished run, saved after step 2; go on with --resume or start anew with --retrain`,
  );
  const notes: string[] = [];
  await sit(root, run(2), { resume: 'drop', steps: 0, ends: true }, notes);
  await sit(root, run(2), { resume: 'drop', steps: 0, ends: true }, notes);
  assert.deepEqual(notes, [
    `${path}: training anew removes the checkpoint of step 2`,
    `${path}: training anew will replace the network when it is trained`,
  ]);
});

test('who has lost the folder to another process writes no checkpoint there and removes none', async () => {
  const root = newRoot();
  await sit(root, run(2), { resume: 'continue', steps: 1, ends: false });
  const workdir = await Workdir.open(root, run(2), { resume: 'continue' });
  writeFileSync(join(root, 'res', 'lock'), 'of another machine');
  const step = { step: 2, seconds: 2, metrics: [], evaluated: [], tensors: new Map() };
  await assert.rejects(workdir.save(step), /another process has taken this folder/);
  await workdir.end();
  await workdir.close();
  assert.equal(await stepOf(root, run(2)), 1);
});

test('a folder that was made beforehand and left empty counts as absent', async () => {
  const root = newRoot();
  mkdirSync(join(root, 'res'), { recursive: true });
  await sit(root, run(2), { resume: 'continue', steps: 1, ends: false });
  assert.deepEqual(readdirSync(root), ['res']);
});

test('a folder whose run an older version named by its key alone is recognised', async () => {
  const root = newRoot();
  mkdirSync(join(root, 'res'), { recursive: true });
  writeFileSync(join(root, 'res', 'key.json'), run(2).key);
  writeFileSync(join(root, 'res', 'weights.safetensors'), run(2).key);
  const notes: string[] = [];
  await sit(root, run(3), { resume: 'continue', steps: 0, ends: true }, notes);
  assert.match(
    notes.join(),
    /res holds the network of another run\. It stays; this run goes to .*res-33333333$/,
  );
  assert.equal(await findNetwork(root, run(2)), join(root, 'res'));
  assert.equal(await findNetwork(root, run(3)), join(root, 'res-33333333'));
});
