import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runExperiment } from '../experiment';
import { scenesFolder } from '../fixtures/scenesFolder';
import { SCENES_RUN } from '../fixtures/scenesRun';
import { planRuns } from './plan';

const folder = scenesFolder('yolov1-plan-', { train: 8, val: 4 });

test('a plan knows which of its runs have a record, under which key, and what they start from', async () => {
  const places = folder.places();
  const trained = await runExperiment({ ...SCENES_RUN, name: 'first' }, places);
  const sweep = [
    { ...SCENES_RUN, name: 'first' },
    { ...SCENES_RUN, name: 'other', seed: 1 },
    { ...SCENES_RUN, name: 'on', initialHead: 'first' },
    { ...SCENES_RUN, name: 'later', initialHead: 'other' },
  ];
  const [first, other, on, later] = await planRuns(sweep, places);
  assert.deepEqual([first.key, first.record], [trained.record.key, trained.path]);
  assert.equal(first.seconds, trained.record.seconds);
  assert.equal(other.record, null);
  assert.notEqual(other.key, first.key);
  // Of the same work: a record with another seed.
  assert.equal(other.seconds, first.seconds);
  assert.ok(other.memory > 1e8);
  assert.deepEqual(on.inputs, { data: ['Scenes/train', 'Scenes/val'], weights: 'random', run: 'first' });
  assert.match(on.key!, /^[0-9a-f]+$/);
  assert.equal(later.key, null, 'depends on a record that is not there yet');
  assert.deepEqual(
    (await planRuns(sweep.slice(0, 2), { ...places, recorded: true })).map(({ name, record }) => [
      name,
      record,
    ]),
    [
      ['first', trained.path],
      ['other', null],
    ],
  );
});

test('two runs of one name, and a start that nothing makes, are refused by name', async () => {
  const places = folder.places('none');
  await assert.rejects(
    planRuns([SCENES_RUN, SCENES_RUN], places),
    /^UserError: plan: two runs are called 'run'/,
  );
  await assert.rejects(
    planRuns([{ ...SCENES_RUN, initialHead: 'missing' }], places),
    /^UserError: plan: 'run' starts from 'missing', which has no record in .* and is not planned before it$/,
  );
});
