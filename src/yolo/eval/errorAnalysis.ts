import { checkArguments, listOf } from '../core/arguments';
import { iouAt } from '../grid/iou';
import { IGNORED, matchDetections, requireSameIndex, TRUE_POSITIVE } from './matchDetections';
import { meanOfNumbers } from './meanOfNumbers';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** Kinds of detections, by Hoiem et al.; {@link analyseErrors} says what each is. */
export const ERROR_KINDS = ['correct', 'localisation', 'similar', 'other', 'background'] as const;
/** One of {@link ERROR_KINDS}. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

/**
 * Sets of similar VOC classes as Hoiem et al. define them: vehicles, animals with people, furniture to sit on or at,
 * and what flies.
 */
export const SIMILAR_CLASSES: readonly (readonly string[])[] = [
  ['aeroplane', 'bicycle', 'boat', 'bus', 'car', 'motorbike', 'train'],
  ['bird', 'cat', 'cow', 'dog', 'horse', 'person', 'sheep'],
  ['chair', 'diningtable', 'sofa'],
  ['aeroplane', 'bird'],
];

const SETS = listOf('a list of sets of class names', Array.isArray);
const FOUND = 0.5;
const TOUCHED = 0.1;

/** The most confident detections of one class by kind. */
export interface ClassErrors {
  /** Name of the class. */
  readonly name: string;
  /** Objects that count; as many detections are looked at, fewer if there are not as many. */
  readonly objects: number;
  /** Detections looked at: the sum of the counts. */
  readonly examined: number;
  /** Detections of each kind. */
  readonly counts: Readonly<Record<ErrorKind, number>>;
}

/** Result of {@link analyseErrors}. */
export interface ErrorAnalysis {
  /** Share of each kind, 0..1: mean over the classes of which a detection was looked at; NaN if there is none. */
  readonly shares: Readonly<Record<ErrorKind, number>>;
  /** One entry a class, in the order of the evaluation index. */
  readonly classes: readonly ClassErrors[];
}

/**
 * Sorts the most confident detections by what is wrong with them (Hoiem, Chodpathumwan and Dai, "Diagnosing error in
 * object detectors", ECCV 2012; the analysis of the YOLOv1 paper, section 4.2).
 *
 * Of each class as many detections are looked at as it has objects. `correct`: a true positive by the VOC rules at IoU
 * .5. `localisation`: overlaps an object of its class by at least .1, second detections of an object among them.
 * `similar`: overlaps an object of a similar class by at least .1. `other`: one of any other class. `background`: none.
 * Detections that found a difficult object are passed over; else difficult objects are objects like others.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @param similarClasses - Sets of class names; classes that share a set are similar. Names that are no class of the
 * index are left out. Default: {@link SIMILAR_CLASSES}.
 * @throws UserError for tables of different evaluation indexes.
 */
export function analyseErrors(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  similarClasses: readonly (readonly string[])[] = SIMILAR_CLASSES,
): ErrorAnalysis {
  requireSameIndex(detections, groundTruth);
  checkArguments('analyseErrors', { similarClasses }, { similarClasses: SETS });
  const names = groundTruth.index.classes;
  const classes = names.map((name, classIndex): ClassErrors => {
    const { rows, outcome, objects } = matchDetections(detections, groundTruth, classIndex, FOUND);
    const similar = names.map((other) =>
      similarClasses.some((set) => set.includes(name) && set.includes(other)),
    );
    const counts = { correct: 0, localisation: 0, similar: 0, other: 0, background: 0 };
    let examined = 0;
    for (let place = 0; place < rows.length && examined < objects; place++) {
      if (outcome[place] === IGNORED) continue;
      examined++;
      if (outcome[place] === TRUE_POSITIVE) counts.correct++;
      else counts[kindOfMistake(detections, groundTruth, rows[place], classIndex, similar)]++;
    }
    return { name, objects, examined, counts };
  });
  const share = (kind: ErrorKind) =>
    meanOfNumbers(classes.map(({ counts, examined }) => counts[kind] / examined));
  const shares = {
    correct: share('correct'),
    localisation: share('localisation'),
    similar: share('similar'),
    other: share('other'),
    background: share('background'),
  };
  return { shares, classes };
}

function kindOfMistake(
  detections: DetectionTable,
  { index, offsets, boxes }: GroundTruthTable,
  row: number,
  classIndex: number,
  similar: readonly boolean[],
): ErrorKind {
  let kind: ErrorKind = 'background';
  for (let other = 0; other < index.classes.length; other++) {
    const cell = other * index.keys.length + detections.picture[row];
    for (let object = offsets[cell]; object < offsets[cell + 1]; object++) {
      if (iouAt(detections.boxes, row, boxes, object) < TOUCHED) continue;
      if (other === classIndex) return 'localisation';
      if (similar[other]) kind = 'similar';
      else if (kind === 'background') kind = 'other';
    }
  }
  return kind;
}
