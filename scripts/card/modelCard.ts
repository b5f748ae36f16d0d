import { UserError } from '../../src/yolo/core/errors';
import { configDifferences } from '../../src/yolo/record/configDifferences';
import type { ExperimentResult } from '../../src/yolo/record/runRecord';

/** What `yolov1 evaluate --coco --json` prints of a network. */
export interface NetworkEvaluation {
  readonly map: number;
  readonly ap: Readonly<Record<string, number | null>>;
  readonly n: Readonly<Record<string, number>>;
  readonly pictures: number;
  readonly coco: { readonly ap: number; readonly ap75: number };
  readonly years?: Readonly<Record<string, { readonly map: number; readonly pictures: number }>>;
  readonly scoreCut: number;
  readonly confusion: readonly (readonly number[])[];
  readonly errors: Readonly<Record<string, number>>;
  readonly speed: {
    readonly seconds: number;
    readonly backend: string;
    readonly cores: number;
    readonly load: number;
  };
}

/** Pairs of classes that are named as taken for each other. */
const CONFUSIONS = 6;

/**
 * The card of a network that is passed on, in Markdown. Every number is the record's or the evaluation's.
 *
 * @param name - What the network is called.
 * @param megabytes - Size of its weights file.
 * @param run - The record of its training.
 * @param evaluation - Of the network as it is passed on.
 * @throws {@link UserError} if they speak of other pictures.
 */
export function modelCard(
  name: string,
  megabytes: number,
  { record, evaluation: recorded }: ExperimentResult,
  evaluation: NetworkEvaluation,
): string {
  const { pooled, interval } = recorded.final;
  const classes = Object.keys(evaluation.n);
  const same =
    evaluation.pictures === recorded.final.pictures &&
    pooled.classes.every((one) => evaluation.n[one.name] === one.objects);
  if (!same) {
    throw new UserError(
      `the evaluation is of ${evaluation.pictures} pictures, the record of ${record.name} of ${recorded.final.pictures} with other objects; evaluate the network on ${record.data.evaluate.parts.join(' and ')}`,
    );
  }
  const sections = [
    [
      `# ${name}`,
      `Finds objects of ${classes.length} classes in photographs: ${classes.join(', ')}. \`npx yolov1 detect photo.jpg\` uses it where no \`--run\` is given, \`loadDetector()\` in a program.`,
      `The network is that of the run \`${record.name}\` with its convolutions rounded to 8 bits, each output channel by a scale of its own: ${megabytes.toFixed(1)} MB. This card is written from the run's record and from [evaluation.json](evaluation.json), which is of the rounded network.`,
    ],
    ['## What it was trained on', dataText(record, recorded)],
    ['## What it grew from', weightsText(record)],
    ['## Recipe', recipeTable(record.config)],
    [
      '## What it finds',
      `mAP at IoU .5 is **${four(evaluation.map)}** over ${evaluation.pictures} photographs that it was not trained on (${record.data.evaluate.parts.join(', ')}); ${four(pooled.map)} before rounding${interval ? `, with a 95 % interval of ${four(interval.low)} to ${four(interval.high)} over the choice of photographs` : ''}.${yearsText(evaluation)} By COCO's rules AP@[.50:.95] is ${four(evaluation.coco.ap)} and AP75 ${four(evaluation.coco.ap75)}.`,
      table(
        ['class', 'objects', 'AP', 'before rounding'],
        pooled.classes.map((one) => [
          one.name,
          String(one.objects),
          four(evaluation.ap[one.name]),
          four(one.ap),
        ]),
      ),
    ],
    ['## What it gets wrong', errorsText(evaluation, classes)],
    [
      '## Speed',
      `${Math.round((1000 * evaluation.speed.seconds) / evaluation.pictures)} ms a photograph from the file to its boxes: ${evaluation.pictures} in ${evaluation.speed.seconds.toFixed(0)} s on ${evaluation.speed.backend} with ${evaluation.speed.cores} cores, when the machine's load before it began was ${evaluation.speed.load.toFixed(1)}.`,
    ],
    ['## What it must not be used for', LIMITS],
    ['## Licence', LICENCE],
  ];
  return `${sections.flat().join('\n\n')}\n`;
}

const LIMITS = `Nothing that matters may depend on it: it misses many objects and sees some that are not there, as the tables say. It is no
part of a system that watches, follows or identifies people, steers a vehicle or a machine, or decides about anyone's health,
work, money or rights. It knows its classes only and calls what is none of them by one of these names. Its photographs were
collected from Flickr before 2012: how much worse it is where people, homes, vehicles and animals look different was not
measured. Drawings, night, infrared, X-ray, aerial and microscope pictures were not tried.`;

const LICENCE = `The weights are under the MIT licence of the package. They grew from torchvision's weights (BSD 3-clause), which were trained on
ImageNet, whose pictures are for research and education. The photographs of Pascal VOC belong to those who put them on Flickr;
none is part of the network's files.`;

function dataText(
  { data: { train }, profile }: ExperimentResult['record'],
  { heldOut }: ExperimentResult['evaluation'],
): string {
  const held = heldOut
    ? ` ${heldOut.pictures} of them were held out: they chose the network of epoch ${heldOut.epoch}, with a mAP of ${four(heldOut.map)} on them${
        heldOut.scoreCut
          ? `, and the score from which detections are shown, ${heldOut.scoreCut.score.toFixed(3)}, where precision was ${percent(heldOut.scoreCut.precision)} and recall ${percent(heldOut.scoreCut.recall)}`
          : ''
      }.`
    : '';
  return `${train.pictures} photographs of Pascal VOC (${train.parts.join(', ')}; profile \`${profile}\`).${held} Fingerprint of names, lists, annotations and pictures: \`${train.fingerprint}\`.`;
}

function weightsText({ weights }: ExperimentResult['record']): string {
  return `\`${weights.source}\`, by torchvision's names: an approximation of its ResNet18 trained on ImageNet-1k, made where the file itself could not be had. Fingerprint: \`${weights.fingerprint}\`.`;
}

/** Every field that is set. */
function recipeTable(config: object): string {
  const fields = configDifferences([config, {}]).map(({ field, values }) => [
    `\`${field}\``,
    `\`${JSON.stringify(values[0])}\``,
  ]);
  return table(['field', 'value'], fields);
}

function yearsText({ years = {} }: NetworkEvaluation): string {
  const parts = Object.entries(years).map(
    ([year, { map, pictures }]) => `${four(map)} on ${year} (${pictures})`,
  );
  return parts.length > 0 ? ` By year: ${parts.join(', ')}.` : '';
}

function errorsText(
  { errors, confusion, n, scoreCut }: NetworkEvaluation,
  classes: readonly string[],
): string {
  const kinds = Object.entries(errors).map(([kind, share]) => `${kind} ${percent(share)}`);
  const pairs = confusion
    .slice(0, classes.length)
    .flatMap((row, truth) => row.slice(0, classes.length).map((count, taken) => ({ truth, taken, count })))
    .filter(({ truth, taken, count }) => truth !== taken && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, CONFUSIONS)
    .map(
      ({ truth, taken, count }) =>
        `${classes[truth]} for ${classes[taken]} (${count} of ${n[classes[truth]]})`,
    );
  const missed = confusion.slice(0, classes.length).reduce((sum, row) => sum + row[classes.length], 0);
  const objects = Object.values(n).reduce((sum, count) => sum + count, 0);
  const seen = confusion[classes.length].reduce((sum, count) => sum + count, 0);
  return [
    `Of its most confident detections, as many of each class as there are objects: ${kinds.join(', ')}.`,
    `With detections from a score of ${scoreCut.toFixed(3)} on, it misses ${missed} of ${objects} objects, and ${seen} detections lie on nothing that is left to find.${pairs.length > 0 ? ` Most often taken for another: ${pairs.join(', ')}.` : ''}`,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Four decimals; what has no objects has no AP. */
function four(value: number | null): string {
  return value === null || Number.isNaN(value) ? '-' : value.toFixed(4);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
