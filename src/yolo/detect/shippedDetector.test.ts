import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../core/errors';
import { loadDetector } from './detectorFolder';
import { MODELS, SHIPPED, shippedDetector } from './shippedDetector';

test('a package without its detector says so and what to do', async () => {
  const models = await mkdtemp(join(tmpdir(), 'models-'));
  assert.throws(
    () => shippedDetector(models),
    (error: Error) =>
      error instanceof UserError &&
      error.message.startsWith(`${join(models, SHIPPED)}: the detector of the package is missing; give`),
  );
  await rm(models, { recursive: true });
});

test('without a folder the detector of the package is loaded, with its card beside it', async (t) => {
  if (!existsSync(join(MODELS, SHIPPED))) {
    t.skip(`${join(MODELS, SHIPPED)} is not there`);
    return;
  }
  assert.ok(existsSync(join(shippedDetector(), 'README.md')));
  const detector = await loadDetector();
  assert.ok(detector.classes.includes('person'));
  detector.dispose();
});
