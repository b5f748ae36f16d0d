import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { writeWholeFile, writing } from '../core/wholeFile';
import { SPEC_FILE, WEIGHTS_FILE } from '../detect/detectorFiles';
import { loadDetector } from '../detect/detectorFolder';
import type { TrainedDetector } from '../detect/trainedDetector';
import { onnxModel } from '../export/onnx';
import { packDetector } from '../export/packedDetector';
import { tensorBoardEvents } from '../export/tensorBoard';
import { TFJS_WEIGHTS, tfjsModel } from '../export/tfjsModel';
import { writeTorchvisionWeights } from '../export/torchvisionWeights';
import { type Trace, trace } from '../export/trace';
import { readRunRecord } from '../record/readRunRecord';

const FORMATS = ['onnx', 'safetensors', 'tfjs', 'packed', 'tensorboard'] as const;
type Format = (typeof FORMATS)[number];

/** What is written into --out where that is a folder; else it is the file itself. */
const FILES: Partial<Record<Format, string[]>> = {
  tfjs: ['model.json', TFJS_WEIGHTS],
  packed: [SPEC_FILE, WEIGHTS_FILE],
};

interface ExportFlags {
  run: string;
  to: Format;
  out: string;
}

/** Adds `yolov1 export`: a run in the form of other programs. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description("a run to be passed on: its network, or with --to tensorboard its training's metrics")
    .requiredOption(
      '--run <folder>',
      'folder of a finished run with its network, such as runs/my-run; for tensorboard that of its record',
    )
    .addOption(
      new Option(
        '--to <format>',
        'onnx (a file; any number of pictures), safetensors (a file; the backbone under the names of torchvision), ' +
          'tfjs (a folder for tf.loadGraphModel), packed (a folder that stands for the run itself, weights in 8 bits), ' +
          'tensorboard (a folder for its event file)',
      )
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'where it goes; nothing is replaced')
    .action(exportRun);
}

async function exportRun({ run, to, out }: ExportFlags): Promise<void> {
  if (to === 'tensorboard') {
    const result = await readRunRecord(run);
    const seconds = Math.floor(Date.parse(result.record.started) / 1000);
    const file = join(out, `events.out.tfevents.${seconds}.${result.record.name}`);
    refuseTaken(file);
    await writing(out, () => mkdir(out, { recursive: true }));
    await writing(file, () => writeWholeFile(file, tensorBoardEvents(result)));
    process.stdout.write(
      `${file}: ${counted(result.metrics.length, 'line')} of metrics; tensorboard --logdir ${out}\n`,
    );
    return;
  }
  for (const path of FILES[to]?.map((file) => join(out, file)) ?? [out]) refuseTaken(path);
  const detector = await loadDetector(run);
  try {
    if (to === 'safetensors') await writeTorchvisionWeights(join(run, WEIGHTS_FILE), out);
    else if (to === 'packed') await writing(out, () => packDetector(run, out));
    else await exportNetwork(detector, to, out);
  } finally {
    detector.dispose();
  }
  process.stdout.write(`${out}: ${to}, ${counted(detector.classes.length, 'class', 'classes')}\n`);
}

async function exportNetwork(trained: TrainedDetector, to: 'onnx' | 'tfjs', out: string): Promise<void> {
  const { detector, coding } = trained;
  const traced: Trace = await trace((images) => detector.forward(images), detector.inputShape);
  const facts = { spec: detector.spec, coding };
  if (to === 'onnx') {
    const model = onnxModel(traced, { spec: JSON.stringify(facts.spec), coding: JSON.stringify(coding) });
    await writing(out, () => writeWholeFile(out, model));
    return;
  }
  const { json, weights } = tfjsModel(traced, facts);
  await writing(out, () => mkdir(out, { recursive: true }));
  await writing(out, () => writeWholeFile(join(out, TFJS_WEIGHTS), weights));
  await writing(out, () => writeWholeFile(join(out, 'model.json'), JSON.stringify(json)));
}

function refuseTaken(path: string): void {
  if (existsSync(path)) {
    throw new UserError(`${path}: is there already, and nothing is replaced; give --out another name`);
  }
}
