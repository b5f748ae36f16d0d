import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRunRecords } from 'yolov1/record';
import CONFIGURED from '../report/plan';
import { configHash } from '../src/yolo/record/runKey';
import { resolveConfig } from '../src/yolo/run/config/config';
import {
  describeExperiments,
  EXPERIMENTS_PAGE,
  type PlannedRun,
  readMeasured,
  readPlan,
} from './experiments';

const RUN: PlannedRun = {
  run: '01-a-*-mini',
  runs: 2,
  decides: 'why',
  configuration: 'what',
  epochs: 3,
  pictures: 1210,
  batch: 16,
  stepSeconds: 0.5,
  load: 2,
};

function pageOf(runs: PlannedRun[], measured: Parameters<typeof describeExperiments>[1]) {
  return describeExperiments([{ notebook: '01-first', runs }], measured);
}

test('every run record is planned, and the page of them is up to date', async () => {
  const { page, unplanned } = describeExperiments(readPlan(), await readMeasured());
  assert.deepEqual(unplanned, [], 'add them to report/experiments.json');
  const now = readFileSync(EXPERIMENTS_PAGE, 'utf8');
  assert.equal(now, page, 'docs/experiments.md is not up to date; run: npm run experiments');
});

test('what report/plan.ts configures is planned once, and a record of that name is of that very configuration', async () => {
  const planned = CONFIGURED.map((overrides) => resolveConfig(overrides));
  const names = planned.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const { unplanned } = describeExperiments(
    readPlan(),
    names.map((name) => ({ name, seconds: 1, onGpu: false, map: null })),
  );
  assert.deepEqual(unplanned, [], 'add them to report/experiments.json');
  const { results } = await readRunRecords(join(__dirname, '..', 'report', 'runs'));
  for (const config of planned) {
    const found = results.find(({ record }) => record.name === config.name);
    if (found) assert.equal(configHash(found.record.config), configHash(config), config.name);
  }
});

test('a planned run says what its updates will cost', () => {
  const { page } = pageOf([RUN], []);
  // 2 runs of 3 epochs of 75 updates of half a second.
  assert.match(
    page,
    /\| 01-a-\\\*-mini \(2\) \| why \| what \| 3 \| 1,210 \| 16 \| 4 min \(0\.5 s an update, load 2\) \| - \| - \|/,
  );
});

test('what is done of it is summed, its mAP the mean with the range', () => {
  const one = { name: '01-a-0-mini', seconds: 60, onGpu: false, map: 0.1 };
  assert.match(pageOf([RUN], [one]).page, /\| 60 s \(1 of 2\) \| 0\.1000 \|\n/);
  const two = [one, { name: '01-a-1-mini', seconds: 61, onGpu: false, map: 0.2 }];
  assert.match(pageOf([RUN], two).page, /\| 2 min \| 0\.1000 to 0\.2000 \|\n/);
  assert.match(pageOf([RUN], [{ ...one, map: null }]).page, /\| 60 s \(1 of 2\) \| - \|\n/);
});

test('a record counts for the most exact plan, and one that no plan names is told', () => {
  const exact = { ...RUN, run: '01-a-b-*-mini' };
  const { page, unplanned } = pageOf(
    [RUN, exact],
    [
      { name: '01-a-b-0-mini', seconds: 5, onGpu: false, map: 0.3 },
      { name: '02-a-0-mini', seconds: 5, onGpu: false, map: 0.3 },
    ],
  );
  assert.deepEqual(unplanned, ['02-a-0-mini']);
  assert.match(
    page,
    /01-a-\\\*-mini \(2\).*\| - \| - \|\n.*01-a-b-\\\*-mini \(2\).*\| 5 s \(1 of 2\) \| 0\.3000 \|/,
  );
});
