import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { quote, valueAt } from './quote';

/** A run of the project, as it is seen from the folder of the notebooks. */
function run(name: string, map: number) {
  const path = join(process.cwd(), '..', 'report', 'runs', name);
  return { path, evaluation: { final: { pooled: { map } }, epochs: [{ epoch: 3, map: 0.25 }] } as never };
}

test('a number leads to its record; of several runs the mean stands before the least and the most', () => {
  const [a, b] = [run('a-mini', 0.125), run('b-mini', 0.25)];
  assert.equal(
    quote(a, 'final.pooled.map').markdown,
    '[0.1250](../report/runs/a-mini/evaluation.json#final.pooled.map)',
  );
  const { markdown, values } = quote([a, b], 'final.pooled.map', { digits: 3 });
  assert.equal(
    markdown,
    '0.188 ([0.125](../report/runs/a-mini/evaluation.json#final.pooled.map) to ' +
      '[0.250](../report/runs/b-mini/evaluation.json#final.pooled.map)), n = 2',
  );
  assert.deepEqual(values, [0.125, 0.25]);
  assert.match(quote(a, 'epochs.3.map', { percent: true, digits: 1 }).markdown, /^\[25\.0 %\]/);
});

test('what is missing is named with its place', () => {
  assert.throws(
    () => quote(run('a', 1), 'final.pooled.mpa'),
    /runs.a: 'final\.pooled\.mpa' is missing, expected a number/,
  );
  assert.throws(() => quote([], 'final'), /quote 'final': got no run/);
  assert.equal(valueAt({ list: [{ name: 'cat', ap: 0.5 }, 7] }, 'list.cat.ap', ''), 0.5);
  assert.equal(valueAt({ list: [{ name: 'cat', ap: 0.5 }, 7] }, 'list.1', ''), 7);
});
