// npm start: from a fresh clone to the report. A second run does only what has become stale.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main, prepare, root, runPackage, step, TSX } from './prepare.mjs';

await main(async () => {
  await prepare();
  await step('Notebooks and report', () =>
    runPackage(TSX, ['scripts/build-report.ts', '--stale', ...process.argv.slice(2)]),
  );
  if (existsSync(join(root, 'src/yolo/models/yolov1-resnet18'))) {
    console.log('\nTry the detector on a photograph of yours: npx yolov1 detect photo.jpg --out drawn');
  }
});
