// npm start: from a fresh clone to the report. A second run does only what has become stale.
import { main, prepare, runPackage, step, TSX } from './prepare.mjs';

await main(async () => {
  await prepare();
  await step('Notebooks and report', () =>
    runPackage(TSX, ['scripts/build-report.ts', '--stale', ...process.argv.slice(2)]),
  );
});
