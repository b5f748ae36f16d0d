import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BenchmarkRecord, benchmarkPage } from './benchmarkPage';

const ROOT = join(__dirname, '..', '..', '..');
const recordOf = (name: string): BenchmarkRecord =>
  JSON.parse(readFileSync(join(ROOT, 'report', 'bench', `${name}.json`), 'utf8'));
const record = recordOf('cpu');

test('the pages of the benchmark are made from their records', () => {
  const page = (name: string) => readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');
  assert.equal(page('benchmark'), benchmarkPage(record));
  assert.equal(page('benchmark-gpu'), benchmarkPage(recordOf('gpu')));
});

test('every measurement is a row of nine cells; without a peer of four', () => {
  const table = (page: string) => page.split('\n## ')[0].split('\n');
  const rows = (page: string) => table(page).filter((line) => /^\| (?!measurement|---)/.test(line));
  const [first] = record.results;
  const alone = { ...record, results: [{ ...first, peer: undefined }] };
  assert.equal(rows(benchmarkPage(record)).length, record.results.length);
  assert.deepEqual(
    [record, alone].map((one) => rows(benchmarkPage(one))[0].split('|').length - 2),
    [9, 4],
  );
});
