import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeFolders } from './folders';
import { downloadMegabytes, WHEELS } from './wheel';

test('every wheel is pinned by version and hash', () => {
  for (const wheel of [...WHEELS.cpu, ...WHEELS.cuda]) {
    assert.match(wheel.version, /^\d+(\.\d+)+$/);
    assert.match(wheel.sha256, /^[0-9a-f]{64}$/);
    assert.ok(wheel.megabytes > 0);
  }
  assert.equal(downloadMegabytes(WHEELS.cpu), 274);
  assert.equal(downloadMegabytes(WHEELS.cuda), 3382);
});

test('runtimes and versions of tfjs never share a folder', () => {
  const cpu = nativeFolders('cpu', '4.22.0', '/cache');
  const cuda = nativeFolders('cuda', '4.22.0', '/cache');
  const newer = nativeFolders('cpu', '4.23.0', '/cache');
  assert.notEqual(cpu.runtime, cuda.runtime);
  assert.notEqual(cpu.addon, cuda.addon);
  assert.equal(cpu.runtime, newer.runtime);
  assert.notEqual(cpu.addon, newer.addon);
});
