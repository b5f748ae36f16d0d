import { counted } from '../../core/counted';
import { textTable } from '../../core/textTable';
import type { CocoFigures } from '../../eval/coco/coco';
import { ERROR_KINDS } from '../../eval/errorAnalysis';
import { printable } from '../terminal/printable';
import type { Details, EvaluationRules, Part } from './figures';

/** Classes that an object was taken for most often; more make no line easier to read. */
const TAKEN_FOR = 3;

/** An evaluation as tables, a line a class, with each year beside the pooled figures. */
export function describeEvaluation(
  whole: Part,
  years: ReadonlyMap<string, Part>,
  { split, truth, ap, iou }: EvaluationRules,
  details?: Details,
): string {
  const parts: [string, Part][] = [[years.size > 0 ? 'pooled' : '', whole], ...years];
  const rule = ap === 'area' ? 'area under the monotone curve' : 'mean of 11 points';
  const list = split === undefined ? '' : `list ${split}`;
  const of = truth === undefined ? `L${list.slice(1)}` : [truth, list].filter(Boolean).join(', ');
  const head = `${of}: ${counted(whole.pictures, 'picture')}, ${counted(whole.detections, 'detection')}. AP: ${rule}, IoU at least ${iou}; n: objects that count, without difficult ones.`;
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
  const more = details
    ? [...precisionLines(details), ...confusionLines(whole, details), ...errorLines(details)]
    : [];
  return `${[head, '', ...textTable(rows), ...cocoLines(parts), ...more].join('\n')}\n`;
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

function precisionLines({ precision }: Details): string[] {
  const recalls = Array.from({ length: 11 }, (_, tenth) => (tenth / 10).toFixed(1));
  const rows = Object.entries(precision).map(([name, values]) => [
    printable(name),
    ...values.map((value) => value.toFixed(2)),
  ]);
  return [
    '',
    'Precision at or beyond each recall, IoU at least 0.5:',
    ...textTable([['recall', ...recalls], ...rows]),
  ];
}

/** A line a class: how many of its objects were found, taken for others or missed. */
function confusionLines({ voc }: Part, { confusion, scoreCut }: Details): string[] {
  const names = voc.classes.map(({ name }) => printable(name));
  const background = names.length;
  const rows = confusion.map((row, index) => {
    const others = row
      .map((count, other) => ({ count, other }))
      .filter(({ count, other }) => count > 0 && other !== index && other !== background)
      .sort((a, b) => b.count - a.count)
      .slice(0, TAKEN_FOR)
      .map(({ count, other }) => `${names[other]} ${count}`);
    const taken = others.length > 0 ? others.join(', ') : '-';
    return index === background
      ? { cells: ['background', '', '', ''], taken }
      : {
          cells: [
            names[index],
            String(voc.classes[index].objects),
            String(row[index]),
            String(row[background]),
          ],
          taken,
        };
  });
  const table = textTable([['class', 'n', 'found', 'missed'], ...rows.map(({ cells }) => cells)]);
  const width = Math.max(...table.map((line) => line.length));
  return [
    '',
    `What is taken for what, with detections from a score of ${Number(scoreCut.toPrecision(3))} on, IoU at least 0.5:`,
    ...table.map(
      (line, index) => `${line.padEnd(width)}  ${index === 0 ? 'taken for' : rows[index - 1].taken}`,
    ),
  ];
}

function errorLines({ errors }: Details): string[] {
  const shares = ERROR_KINDS.map((kind) => `${kind} ${(100 * errors[kind]).toFixed(1)} %`);
  return [
    '',
    `Of the most confident detections, as many of each class as it has objects: ${shares.join(', ')}.`,
  ];
}

/** Four decimals; what has no objects has no AP. */
function show(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(4);
}
