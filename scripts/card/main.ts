// npm run card -- RECORD NETWORK: writes NETWORK/README.md, the card of a packed network, from the record of its run and
// from NETWORK/evaluation.json, what `npx yolov1 evaluate --run NETWORK --coco --json` prints.
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { messageOf, UserError } from '../../src/yolo/core/errors';
import { writeWholeFile } from '../../src/yolo/core/wholeFile';
import { WEIGHTS_FILE } from '../../src/yolo/detect/detectorFiles';
import { readRunRecord } from '../../src/yolo/record/readRunRecord';
import { modelCard, type NetworkEvaluation } from './modelCard';

async function writeCard(recordFolder?: string, network?: string): Promise<string> {
  if (recordFolder === undefined || network === undefined) {
    throw new UserError(
      'npm run card -- RECORD NETWORK, such as report/runs/my-run src/yolo/models/my-detector',
    );
  }
  const run = await readRunRecord(recordFolder);
  const evaluation = await readEvaluation(join(network, 'evaluation.json'));
  const { size } = await stat(join(network, WEIGHTS_FILE));
  const card = join(network, 'README.md');
  await writeWholeFile(card, modelCard(basename(resolve(network)), size / 1e6, run, evaluation));
  return card;
}

async function readEvaluation(path: string): Promise<NetworkEvaluation> {
  try {
    const read = JSON.parse(await readFile(path, 'utf8'));
    for (const field of ['map', 'ap', 'n', 'coco', 'confusion', 'errors', 'speed', 'scoreCut']) {
      if (read[field] === undefined) throw new Error(`has no ${field}`);
    }
    return read;
  } catch (error) {
    throw new UserError(
      `${path}: ${messageOf(error)}; expected what yolov1 evaluate --run ${join(path, '..')} --coco --json prints`,
    );
  }
}

writeCard(...process.argv.slice(2)).then(console.log, (error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
