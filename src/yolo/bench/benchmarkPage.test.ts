import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BenchmarkRecord, benchmarkPage } from './benchmarkPage';

const ROOT = join(__dirname, '..', '..', '..');
const record: BenchmarkRecord = JSON.parse(readFileSync(join(ROOT, 'report', 'bench', 'cpu.json'), 'utf8'));

test('the page of the benchmark is made from its record', () => {
  assert.equal(readFileSync(join(ROOT, 'docs', 'benchmark.md'), 'utf8'), benchmarkPage(record));
});

test('every measurement is a row of nine cells; without a peer of four', () => {
  const rows = (page: string) => page.split('\n').filter((line) => /^\| (?!measurement|---)/.test(line));
  const [first] = record.results;
  const alone = { ...record, results: [{ ...first, peer: undefined }] };
  assert.equal(rows(benchmarkPage(record)).length, record.results.length);
  assert.deepEqual(
    [record, alone].map((one) => rows(benchmarkPage(one))[0].split('|').length - 2),
    [9, 4],
  );
});
