import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API_PAGES, describeApi } from './api';

test('every public name is documented, and the pages of them are up to date', () => {
  const { pages, undocumented } = describeApi();
  assert.deepEqual(undocumented, []);
  const stored = new Map(
    readdirSync(API_PAGES).map((name) => [name, readFileSync(join(API_PAGES, name), 'utf8')]),
  );
  assert.deepEqual([...stored.keys()].sort(), [...pages.keys()].sort());
  for (const [name, page] of pages) {
    assert.equal(stored.get(name), page, `docs/api/${name} is not up to date; run: npm run api`);
  }
});
