import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(__dirname, '..');

function pagesIn(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

test('every public name is documented, and the pages of them are up to date', () => {
  const made = mkdtempSync(join(tmpdir(), 'yolov1-api-'));
  try {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/typedoc/bin/typedoc'),
        '--options',
        join(ROOT, 'docs/typedoc.json'),
        '--out',
        made,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, `${stdout}${stderr}`);
    const stored = pagesIn(join(ROOT, 'docs/api'));
    const pages = pagesIn(made);
    assert.deepEqual([...stored.keys()], [...pages.keys()]);
    for (const [name, page] of pages) {
      assert.equal(stored.get(name), page, `docs/api/${name} is not up to date; run: npm run api`);
    }
  } finally {
    rmSync(made, { recursive: true });
  }
});
