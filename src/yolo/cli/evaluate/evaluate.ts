import { type Command, InvalidArgumentError, Option } from 'commander';
import { splitByYear } from '../../eval/table/years';
import { RUN_HELP } from '../detect/network';
import { interruptible } from '../terminal/interruptible';
import { printable } from '../terminal/printable';
import { describeEvaluation } from './evaluationText';
import { detailsOf, type EvaluationRules, evaluatePart, type Part, toJson } from './figures';
import { readTables, type TableFlags } from './tables';

interface EvaluateFlags extends TableFlags, EvaluationRules {
  json?: boolean;
}

/** Adds `yolov1 evaluate`: average precision of a network, or of the detections of any other one. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      "average precision of a trained network, or of detections in VOC result files, COCO's JSON or YOLO's text files by any detector",
    )
    .option(
      '--devkit <folder>',
      "one year's folder, such as data/VOCdevkit/VOC2012; several are pooled, with each year beside them",
      (folder: string, before: string[] = []) => [...before, folder],
    )
    .option(
      '--split <list>',
      'id list of the devkit, such as val; with --truth, list of a folder that has several',
    )
    .option('--run <folder>', RUN_HELP)
    .option('--flip', 'a network also looks at each picture mirrored, and what it finds in both is joined')
    .option(
      '--detections <path>',
      "in place of a network: folder of comp4_det_<split>_<class>.txt, or of one such folder per year, named like the devkit folder; with --truth, COCO's JSON of results or a folder of YOLO's text files with confidences",
    )
    .option(
      '--truth <path>',
      "ground truth of --detections in place of --devkit: a file of COCO's JSON, or a folder with YOLO's labels, pictures and class names",
    )
    .addOption(
      new Option('--ap <rule>', "area (VOC's rule from 2010 on) or 11point (before)")
        .choices(['area', '11point'])
        .default('area'),
    )
    .option('--iou <number>', 'overlap from which an object counts as found', parseIou, 0.5)
    .option('--coco', "add COCO's AP@[.50:.95], AP50, AP75, by size, and recall")
    .option('--json', 'the same as JSON')
    .action((flags: EvaluateFlags) => interruptible((signal) => evaluate(flags, signal), 'nothing is kept'));
}

function parseIou(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number above 0, up to 1, such as 0.5.');
}

async function evaluate(flags: EvaluateFlags, signal: AbortSignal): Promise<void> {
  const { groundTruth, detections, warnings, network } = await readTables(flags, signal);
  for (const warning of warnings) process.stderr.write(`yolov1: warning: ${printable(warning)}\n`);
  const whole = evaluatePart(detections, groundTruth, flags);
  const years = new Map<string, Part>();
  if ((flags.devkit ?? []).length > 1) {
    for (const part of splitByYear(detections, groundTruth)) {
      years.set(part.year, evaluatePart(part.detections, part.groundTruth, flags));
    }
  }
  const details = network && { ...network, ...detailsOf(detections, groundTruth, network.scoreCut) };
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(toJson(whole, years, flags, details), null, 2)}\n`
      : describeEvaluation(whole, years, flags, details),
  );
}
