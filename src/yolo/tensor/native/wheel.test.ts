import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeFolders } from './folders';
import { downloadMegabytes, PLATFORM_TAGS, type Target, wheelsOf } from './wheel';

test('every wheel is pinned by version and hash', () => {
  const targets = Object.keys(PLATFORM_TAGS) as Target[];
  const cpu = targets.flatMap((target) => wheelsOf('cpu', target));
  assert.equal(new Set(cpu.map(({ sha256 }) => sha256)).size, 3);
  for (const wheel of [...cpu, ...wheelsOf('cuda', 'linux-x64')]) {
    assert.match(wheel.version, /^\d+(\.\d+)+$/);
    assert.match(wheel.sha256, /^[0-9a-f]{64}$/);
    assert.ok(wheel.megabytes > 0);
  }
  assert.equal(downloadMegabytes(wheelsOf('cpu', 'linux-x64')), 274);
  assert.equal(downloadMegabytes(wheelsOf('cuda', 'linux-x64')), 3382);
});

test('runtimes, systems and versions of tfjs never share a folder', () => {
  const cpu = nativeFolders('cpu', 'linux-x64', '4.22.0', '/cache');
  const cuda = nativeFolders('cuda', 'linux-x64', '4.22.0', '/cache');
  const newer = nativeFolders('cpu', 'linux-x64', '4.23.0', '/cache');
  const arm = nativeFolders('cpu', 'linux-arm64', '4.22.0', '/cache');
  assert.notEqual(cpu.runtime, arm.runtime);
  assert.notEqual(cpu.addon, arm.addon);
  assert.notEqual(cpu.runtime, cuda.runtime);
  assert.notEqual(cpu.addon, cuda.addon);
  assert.equal(cpu.runtime, newer.runtime);
  assert.notEqual(cpu.addon, newer.addon);
});
