import * as v from 'valibot';
import { checkArguments, PATH, record } from '../../core/arguments';
import { messageOf, UserError } from '../../core/errors';
import { readWholeFile } from '../../core/wholeFile';
import { objectsByImage, readCoco } from '../../data/import/cocoSource';
import { decodeText } from '../../data/textFile';
import { isProperBox } from '../table/checks';
import { DetectionTableBuilder } from '../table/detectionTable';
import { GROUND_TRUTH, type GroundTruthTable, groundTruthTable } from '../table/groundTruthTable';
import type { ResultFiles } from './readResultFiles';

/** Objects of a COCO file, and what its numbers stand for. */
export interface CocoTruth {
  /** All objects; a picture's key is its file name. */
  readonly groundTruth: GroundTruthTable;
  /** Keys of the pictures by image id as text. */
  readonly keys: ReadonlyMap<string, string>;
  /** Class names by category id as text. */
  readonly names: ReadonlyMap<string, string>;
}

const Results = v.array(
  v.object({
    image_id: v.union([v.number(), v.string()]),
    category_id: v.union([v.number(), v.string()]),
    bbox: v.pipe(v.array(v.pipe(v.number(), v.finite())), v.length(4)),
    score: v.pipe(v.number(), v.finite()),
  }),
);

/**
 * Reads ground truth in COCO's JSON. Crowds and what is to be ignored are difficult: neither counted nor punished. An
 * object's size is its `area`, else its box's.
 *
 * @param file - Path of the JSON file with `images`, `annotations` and `categories`.
 * @throws UserError if the file is missing or damaged, an annotation names an unknown image or category or has no
 * box with an area, or two images or categories have the same name.
 */
export async function readCocoTruth(file: string): Promise<CocoTruth> {
  checkArguments('readCocoTruth', { file }, { file: PATH });
  const coco = await readCoco(file);
  const { objects, problems } = objectsByImage(coco);
  if (problems.length > 0) {
    const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    throw new UserError(`${file}: ${problems[0].problem}${others}`);
  }
  const pictures = coco.images.map(({ id, file_name: key, width = 0, height = 0 }) => ({
    key,
    annotation: {
      ...{ id: String(id), width, height },
      objects: objects.get(id)!.map(({ left, top, right, bottom, ...object }) => {
        if (!isProperBox(left, top, right, bottom)) {
          throw new UserError(
            `${file}: a '${object.name}' in ${key} has a box without an area; correct or remove it`,
          );
        }
        return { ...object, box: { left, top, right, bottom } };
      }),
    },
  }));
  const classes = coco.categories.map(({ name }) => name);
  for (const [what, all] of [
    ['image', pictures.map(({ key }) => key)],
    ['category', classes],
  ] as const) {
    const seen = new Set<string>();
    const twice = all.find((name) => seen.size === seen.add(name).size);
    if (all.length === 0) throw new UserError(`${file}: holds no ${what}; export it again`);
    if (twice !== undefined)
      throw new UserError(`${file}: two of its ${what} entries are named '${twice}'; rename one`);
  }
  return {
    groundTruth: groundTruthTable(pictures, classes),
    keys: new Map(coco.images.map(({ id, file_name }) => [String(id), file_name])),
    names: new Map(coco.categories.map(({ id, name }) => [String(id), name])),
  };
}

const NAMES = v.instance(Map, 'a Map');
const TRUTH = record('what readCocoTruth gives', { groundTruth: GROUND_TRUTH, keys: NAMES, names: NAMES });

/**
 * Reads detections in COCO's result format: a list of image id, category id, box (left, top, width, height) and score.
 *
 * @param file - Path of the JSON file.
 * @param truth - What {@link readCocoTruth} gave of the same data.
 * @throws UserError if the file is missing or damaged, or names an image or a category that the ground truth lacks.
 */
export async function readCocoResults(file: string, truth: CocoTruth): Promise<ResultFiles> {
  checkArguments('readCocoResults', { file, truth }, { file: PATH, truth: TRUTH });
  const { groundTruth, keys, names } = truth;
  let value: unknown;
  try {
    value = JSON.parse(decodeText(await readWholeFile(file), file));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${file}: can't be read as JSON (${messageOf(error)}); expected COCO's list of results`,
    );
  }
  const parsed = v.safeParse(Results, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UserError(
      `${file}: ${v.getDotPath(issue) ?? 'the whole'} is ${issue.received}, expected ${issue.expected ?? 'another'}; expected a list of image_id, category_id, bbox and score`,
    );
  }
  const { index } = groundTruth;
  const numbers = new Map(index.classes.map((name, number) => [name, number]));
  const builder = new DetectionTableBuilder(index);
  for (const [place, { image_id: image, category_id: category, bbox, score }] of parsed.output.entries()) {
    const key = keys.get(String(image));
    const name = names.get(String(category));
    if (key === undefined)
      throw new UserError(`${file}: result ${place + 1} is of image ${image}, which the ground truth lacks`);
    if (name === undefined)
      throw new UserError(
        `${file}: result ${place + 1} is of category ${category}, which the ground truth lacks`,
      );
    const [left, top, width, height] = bbox;
    const [right, bottom] = [left + width, top + height];
    if (!isProperBox(left, top, right, bottom)) {
      throw new UserError(
        `${file}: result ${place + 1} has the box '${bbox.join(' ')}', expected left, top, width and height above 0`,
      );
    }
    builder.add(index.pictureOf(key)!, numbers.get(name)!, score, left, top, right, bottom);
  }
  const warnings = parsed.output.length === 0 ? [`${file}: holds no detection at all`] : [];
  return { detections: builder.build(), warnings };
}
