import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { API_PAGE, describeApi } from './api';

test('every public name is documented, and the page of them is up to date', () => {
  const { page, undocumented } = describeApi();
  assert.deepEqual(undocumented, []);
  assert.equal(readFileSync(API_PAGE, 'utf8'), page, 'docs/api.md is not up to date; run: npm run api');
});
