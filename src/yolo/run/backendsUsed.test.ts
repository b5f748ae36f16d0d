import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { BackendInfo } from '../tensor/backend';
import { backendsUsed } from './backendsUsed';

const native: BackendInfo = { name: 'tensorflow', version: '2.21.0', device: 'cpu', cores: 2, note: '' };
const newer = { ...native, version: '2.22.0' };
const wasm: BackendInfo = { ...native, name: 'wasm', version: '4.22.0' };
const forced = process.env.YOLOV1_BACKEND;

beforeEach(() => {
  delete process.env.YOLOV1_BACKEND;
});
afterEach(() => {
  if (forced === undefined) delete process.env.YOLOV1_BACKEND;
  else process.env.YOLOV1_BACKEND = forced;
});

/** What is listed, and what is said. */
function used(before: BackendInfo[], now: BackendInfo) {
  const notes: string[] = [];
  return { backends: backendsUsed(before, now, (note) => notes.push(note)), notes };
}

test('the same backend goes on without a word', () => {
  assert.deepEqual(used([], native), { backends: [native], notes: [] });
  assert.deepEqual(used([native], native), { backends: [native], notes: [] });
});

test('another version goes on, and is said', () => {
  const { backends, notes } = used([native], newer);
  assert.deepEqual(backends, [native, newer]);
  assert.match(
    notes.join(),
    /^this run was computed by tensorflow 2\.21\.0 on cpu and goes on with tensorflow 2\.22\.0/,
  );
});

test('another backend goes on only when asked, and is said', () => {
  assert.throws(() => used([native], wasm), {
    name: 'UserError',
    message:
      /computed by tensorflow 2\.21\.0 on cpu, and here is wasm 4\.22\.0.*YOLOV1_BACKEND=wasm goes on with it/,
  });
  process.env.YOLOV1_BACKEND = 'wasm';
  const { backends, notes } = used([native], wasm);
  assert.deepEqual(backends, [native, wasm]);
  assert.equal(notes.length, 1);
  // Back again is a change as well.
  process.env.YOLOV1_BACKEND = 'tensorflow';
  assert.deepEqual(used([native, wasm], native).backends, [native, wasm]);
});
