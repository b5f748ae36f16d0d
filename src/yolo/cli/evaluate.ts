import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../core/errors';
import { textTable } from '../core/textTable';
import type { ApRule } from '../eval/averagePrecision';
import { type CocoFigures, type CocoResult, evaluateCoco } from '../eval/coco/coco';
import { readCocoResults, readCocoTruth } from '../eval/files/cocoFiles';
import { readGroundTruth } from '../eval/files/readGroundTruth';
import { type ResultFiles, readResultFiles } from '../eval/files/readResultFiles';
import { readYoloResults, readYoloTruth } from '../eval/files/yoloFiles';
import type { DetectionTable } from '../eval/table/detectionTable';
import type { GroundTruthTable } from '../eval/table/groundTruthTable';
import { splitByYear } from '../eval/table/years';
import { evaluateVoc, type VocResult } from '../eval/voc';
import { printable } from './terminal/printable';

interface EvaluateOptions {
  devkit?: string[];
  split?: string;
  truth?: string;
  detections: string;
  ap: ApRule;
  iou: number;
  coco?: boolean;
  json?: boolean;
}

/** Figures of all pictures, or of those of one year. */
interface Part {
  readonly pictures: number;
  readonly detections: number;
  readonly voc: VocResult;
  readonly coco?: CocoResult;
}

/** Adds `yolov1 evaluate`: average precision of VOC result files. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      "average precision of detections in VOC result files, COCO's JSON or YOLO's text files, by any detector",
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
    .option(
      '--truth <path>',
      "ground truth in place of --devkit: a file of COCO's JSON, or a folder with YOLO's labels, pictures and class names",
    )
    .requiredOption(
      '--detections <path>',
      "folder of comp4_det_<split>_<class>.txt, or of one such folder per year, named like the devkit folder; with --truth, COCO's JSON of results or a folder of YOLO's text files with confidences",
    )
    .addOption(
      new Option('--ap <rule>', "area (VOC's rule from 2010 on) or 11point (before)")
        .choices(['area', '11point'])
        .default('area'),
    )
    .option('--iou <number>', 'overlap from which an object counts as found', parseIou, 0.5)
    .option('--coco', "add COCO's AP@[.50:.95], AP50, AP75, by size, and recall")
    .option('--json', 'the same as JSON')
    .action(async (options: EvaluateOptions) => {
      const { groundTruth, detections, warnings } = await readTables(options);
      for (const warning of warnings) process.stderr.write(`yolov1: warning: ${printable(warning)}\n`);
      const whole = evaluatePart(detections, groundTruth, options);
      const years = new Map<string, Part>();
      if ((options.devkit ?? []).length > 1) {
        for (const part of splitByYear(detections, groundTruth)) {
          years.set(part.year, evaluatePart(part.detections, part.groundTruth, options));
        }
      }
      process.stdout.write(
        options.json
          ? `${JSON.stringify(toJson(whole, years, options), null, 2)}\n`
          : describeEvaluation(whole, years, options),
      );
    });
}

interface Tables extends ResultFiles {
  readonly groundTruth: GroundTruthTable;
}

async function readTables({ devkit, split, truth, detections }: EvaluateOptions): Promise<Tables> {
  if (truth !== undefined && devkit === undefined) {
    if (statSync(truth, { throwIfNoEntry: false })?.isDirectory()) {
      const read = await readYoloTruth(truth, split);
      return { groundTruth: read.groundTruth, ...(await readYoloResults(detections, read)) };
    }
    if (split !== undefined) throw new UserError(`--split: ${truth} is one list already; leave it out`);
    const read = await readCocoTruth(truth);
    return { groundTruth: read.groundTruth, ...(await readCocoResults(detections, read)) };
  }
  if (truth !== undefined || devkit === undefined || split === undefined) {
    throw new UserError('evaluate: expected either --devkit and --split, or --truth; give one of the two');
  }
  const groundTruth = await readGroundTruth(devkit, split);
  return { groundTruth, ...readResultFiles(detections, split, groundTruth.index) };
}

function parseIou(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number above 0, up to 1, such as 0.5.');
}

function evaluatePart(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  { ap, iou, coco }: EvaluateOptions,
): Part {
  return {
    pictures: groundTruth.index.keys.length,
    detections: detections.length,
    voc: evaluateVoc(detections, groundTruth, { ap, iouThreshold: iou }),
    ...(coco ? { coco: evaluateCoco(detections, groundTruth) } : {}),
  };
}

function toJson(
  whole: Part,
  years: ReadonlyMap<string, Part>,
  { split, truth, ap, iou }: EvaluateOptions,
): object {
  return {
    ...figures(whole),
    ...(truth === undefined ? {} : { truth }),
    ...(split === undefined ? {} : { split }),
    rule: ap,
    iou,
    ...(years.size > 0
      ? { years: Object.fromEntries([...years].map(([year, part]) => [year, figures(part)])) }
      : {}),
  };
}

/** NaN, what has no objects, becomes null in JSON. */
function figures({ voc, coco, pictures, detections }: Part): object {
  return {
    map: voc.map,
    ap: Object.fromEntries(voc.classes.map(({ name, ap }) => [name, ap])),
    n: Object.fromEntries(voc.classes.map(({ name, objects }) => [name, objects])),
    pictures,
    detections,
    ...(coco ? { coco: cocoFigures(coco) } : {}),
  };
}

function cocoFigures({ classes, ...figures }: CocoResult): object {
  return { ...figures, apByClass: Object.fromEntries(classes.map(({ name, ap }) => [name, ap])) };
}

function describeEvaluation(
  whole: Part,
  years: ReadonlyMap<string, Part>,
  { split, truth, ap, iou }: EvaluateOptions,
): string {
  const parts: [string, Part][] = [[years.size > 0 ? 'pooled' : '', whole], ...years];
  const rule = ap === 'area' ? 'area under the monotone curve' : 'mean of 11 points';
  const list = split === undefined ? '' : `list ${split}`;
  const of = truth === undefined ? `L${list.slice(1)}` : [truth, list].filter(Boolean).join(', ');
  const head = `${of}: ${whole.pictures} pictures, ${whole.detections} detections. AP: ${rule}, IoU at least ${iou}; n: objects that count, without difficult ones.`;
  const rows = [
    ['class', ...parts.flatMap(([name]) => [`${name} n`.trim(), 'AP'])],
    ...whole.voc.classes.map(({ name }, index) => [
      printable(name),
      ...parts.flatMap(([, { voc }]) => [String(voc.classes[index].objects), show(voc.classes[index].ap)]),
    ]),
    [
      'mAP',
      ...parts.flatMap(([, { voc }]) => [
        String(voc.classes.reduce((sum, { objects }) => sum + objects, 0)),
        show(voc.map),
      ]),
    ],
  ];
  return `${[head, '', ...textTable(rows), ...cocoLines(parts)].join('\n')}\n`;
}

/** COCO's twelve figures, one a line, or nothing where they weren't asked for. */
function cocoLines(parts: readonly (readonly [name: string, part: Part])[]): string[] {
  const results = parts.flatMap(([name, { coco }]) => (coco ? [{ name, coco }] : []));
  if (results.length === 0) return [];
  const lines: [string, keyof CocoFigures][] = [
    ['AP@[.50:.95]', 'ap'],
    ['AP50', 'ap50'],
    ['AP75', 'ap75'],
    ['AP, objects up to 32 x 32 pixels', 'apSmall'],
    ['AP, from 32 x 32 to 96 x 96', 'apMedium'],
    ['AP, from 96 x 96', 'apLarge'],
    ['AR, 1 detection a picture and class', 'ar1'],
    ['AR, 10', 'ar10'],
    ['AR, 100', 'ar100'],
    ['AR of 100, objects up to 32 x 32 pixels', 'arSmall'],
    ['AR of 100, from 32 x 32 to 96 x 96', 'arMedium'],
    ['AR of 100, from 96 x 96', 'arLarge'],
  ];
  return [
    '',
    ...textTable([
      ['COCO', ...results.map(({ name }) => name)],
      ...lines.map(([label, figure]) => [label, ...results.map(({ coco }) => show(coco[figure]))]),
    ]),
  ];
}

/** Four decimals; what has no objects has no AP. */
function show(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(4);
}
