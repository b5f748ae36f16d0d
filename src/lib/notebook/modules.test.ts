import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintModules } from './modules';

test('a name counts for the same by whichever way of a package of ours it is imported', () => {
  const [byRoot, bySubpath, whole] = [
    "import { planBatch } from 'yolov1';",
    "import { planBatch } from 'yolov1/memory';",
    "import * as memory from 'yolov1/memory';",
  ].map((code) => fingerprintModules(code, __dirname));
  assert.deepEqual(Object.keys(byRoot), ['yolov1']);
  assert.deepEqual(bySubpath, byRoot);
  assert.notDeepEqual(whole, byRoot);
});
