import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

test('every notebook has a test of its own that runs it whole', () => {
  const names = (folder: string, ending: RegExp) =>
    readdirSync(join(__dirname, folder))
      .filter((name) => ending.test(name))
      .map((name) => name.replace(ending, ''))
      .sort();
  assert.deepEqual(names('profiles', /\.test\.ts$/), names('../notebooks', /\.ipynb$/));
});
