import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeCheckpoint } from './checkpoint';

test('of many checkpoints the last two and the best stay; of equals the newest is the best', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  const maps = [0, 0, 0.1, 0.2, 0.2, 0.1, undefined];
  const kept = [[1], [2, 1], [3, 2], [4, 3], [5, 4], [6, 5], [7, 6, 5]];
  for (const [place, map] of maps.entries()) {
    const rest = { key: 'k', seconds: 0, metrics: [], evaluated: [], tensors: new Map() };
    await writeCheckpoint(folder, { ...rest, step: place + 1, map });
    const notes = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    assert.deepEqual(notes, kept[place].map((step) => `step-${step}.json`).sort());
  }
  await rm(folder, { recursive: true });
});
