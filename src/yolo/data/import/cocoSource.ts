import { posix } from 'node:path';
import * as v from 'valibot';
import { counted } from '../../core/counted';
import { explaining, UserError } from '../../core/errors';
import { readWholeFile } from '../../core/wholeFile';
import { PICTURE_ENDINGS, stemOf } from '../fileIndex';
import { decodeText } from '../textFile';
import { listOfPath } from './lists';
import type { SourceFiles } from './sourceFiles';
import type { ImportProblem, SourceObject, SourcePicture, SourceSet } from './sourceSet';

const identity = v.union([v.number(), v.string()]);
/** A side that a tool did not know is none: 0, null or a text. */
const side = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const Coco = v.object({
  images: v.array(v.object({ id: identity, file_name: v.string(), width: side, height: side })),
  annotations: v.array(
    v.object({
      image_id: identity,
      category_id: identity,
      bbox: v.optional(v.unknown()),
      segmentation: v.optional(v.unknown()),
      iscrowd: v.optional(v.unknown()),
      ignore: v.optional(v.unknown()),
      area: v.optional(v.unknown()),
    }),
  ),
  categories: v.array(v.object({ id: identity, name: v.string() })),
});
export type Coco = v.InferOutput<typeof Coco>;

/**
 * Reads COCO's JSON files: one for each list, beside its pictures or in a folder of its own. Crowds and what is to be
 * ignored become difficult objects, which evaluation neither counts nor punishes.
 *
 * @param jsons - Paths within the source's folder.
 */
export async function readCocoSource(files: SourceFiles, jsons: readonly string[]): Promise<SourceSet> {
  // COCO writes the same pictures several times over, for captions and keypoints too.
  const instances = jsons.filter((file) => posix.basename(file).startsWith('instances'));
  const read = instances.length > 0 ? instances : jsons;
  const problems: ImportProblem[] = [];
  const remarks: string[] = [];
  const passedOver = jsons.filter((file) => !read.includes(file));
  if (passedOver.length > 0) remarks.push(`passed over: ${passedOver.join(', ')}`);
  const pictures = new Map<string, SourcePicture>();
  const named = new Set<string>();
  const classes: string[] = [];
  let difficult = 0;
  for (const file of read) {
    const coco = await readCoco(files.path(file));
    for (const { name } of coco.categories) if (!classes.includes(name)) classes.push(name);
    const { objects, problems: ofObjects } = objectsByImage(coco);
    problems.push(...ofObjects.map(({ problem }) => ({ file, problem })));
    if (coco.images.length === 0) remarks.push(`${file}: names no picture`);
    const faulty = new Set(ofObjects.map(({ image }) => image));
    for (const image of coco.images) {
      const picture = findPicture(files, file, image.file_name);
      if (picture === undefined) {
        problems.push({
          file,
          problem: `no picture is named '${image.file_name}'; add it, or take it out of the file`,
        });
        continue;
      }
      if (pictures.has(picture)) {
        problems.push({
          file,
          problem: `'${image.file_name}' is annotated in ${pictures.get(picture)!.annotation} already; keep one of the two`,
        });
        continue;
      }
      named.add(picture);
      // Without the object that a person must look at, it would be learned as ground.
      if (faulty.has(image.id)) continue;
      const list = listOfPath(file) ?? listOfPath(file, true) ?? listOfPath(picture);
      const { width, height } = image;
      const own = objects.get(image.id)!;
      difficult += own.filter((object) => object.difficult).length;
      pictures.set(picture, {
        picture,
        annotation: file,
        ...(list === undefined ? {} : { list }),
        ...(width === undefined || height === undefined ? {} : { size: { width, height } }),
        objects: own,
      });
    }
  }
  if (difficult > 0)
    remarks.push(
      `${counted(difficult, 'object is a crowd or to be ignored: it becomes a difficult one', 'objects are crowds or to be ignored: they become difficult ones')}`,
    );
  const bare = files.pictures.filter((picture) => !named.has(picture));
  if (bare.length > 0)
    remarks.push(
      `${counted(bare.length, 'picture stands in no file and is', 'pictures stand in no file and are')} left out, such as ${bare[0]}`,
    );
  return { boxes: 'edges', pictures: [...pictures.values()], classes, problems, remarks };
}

/**
 * Reads a COCO file of objects.
 *
 * @throws {@link UserError} if it can't be read, is no JSON or lacks what such a file holds.
 */
export async function readCoco(path: string): Promise<Coco> {
  const value: unknown = await explaining(
    `${path}: can't be read as JSON`,
    'fetch or export it again',
    async () => JSON.parse(decodeText(await readWholeFile(path), path)),
  );
  const parsed = v.safeParse(Coco, value);
  if (parsed.success) {
    for (const part of ['images', 'categories'] as const) {
      const ids = new Set<unknown>();
      const twice = parsed.output[part].find(({ id }) => ids.size === ids.add(id).size);
      if (twice) throw new UserError(`${path}: two of its ${part} have the id ${twice.id}; export it again`);
    }
    return parsed.output;
  }
  const [issue] = parsed.issues;
  const isMissing = issue.received === 'undefined';
  throw new UserError(
    `${path}: is not COCO's: ${v.getDotPath(issue) ?? 'the whole'} is ${isMissing ? 'missing' : `${issue.received}, expected ${issue.expected ?? 'another'}`}; export it again`,
  );
}

/** Objects by image id, and what can't be meant with the id of its image. */
export function objectsByImage(coco: Coco): {
  objects: Map<number | string, SourceObject[]>;
  problems: { image: number | string; problem: string }[];
} {
  const names = new Map(coco.categories.map(({ id, name }) => [id, name]));
  const objects = new Map<number | string, SourceObject[]>(coco.images.map(({ id }) => [id, []]));
  const problems: { image: number | string; problem: string }[] = [];
  for (const [index, annotation] of coco.annotations.entries()) {
    const { image_id: image, category_id: category, iscrowd, ignore, area } = annotation;
    const where = `annotations.${index}`;
    const name = names.get(category);
    const box = boxOf(annotation);
    const own = objects.get(image);
    const wrong = (what: string) => problems.push({ image, problem: `${where}: ${what}` });
    if (name === undefined) wrong(`category ${category} is not among the categories; correct it`);
    else if (!own) wrong(`image ${image} is not among the images; correct it`);
    else if (!box) wrong('has no bbox of four numbers and no polygon; export it with boxes');
    else {
      const crowd = Boolean(iscrowd);
      const size = typeof area === 'number' && Number.isFinite(area) ? { area } : {};
      own.push({ name, difficult: crowd || Boolean(ignore), crowd, ...size, ...box });
    }
  }
  return { objects, problems };
}

function boxOf({
  bbox,
  segmentation,
}: Coco['annotations'][number]): Omit<SourceObject, 'name' | 'difficult'> | undefined {
  if (Array.isArray(bbox) && bbox.length === 4 && bbox.every(Number.isFinite)) {
    const [left, top, width, height] = bbox as number[];
    return { left, top, right: left + width, bottom: top + height };
  }
  const points = Array.isArray(segmentation) ? segmentation.flat() : [];
  return points.length >= 6 && points.every(Number.isFinite) ? aroundPoints(points as number[]) : undefined;
}

/** The box around a polygon of alternating x and y. */
export function aroundPoints(points: readonly number[]): {
  left: number;
  top: number;
  right: number;
  bottom: number;
} {
  // A polygon may have more points than a call has arguments.
  const extreme = (first: 0 | 1, choose: (a: number, b: number) => number) =>
    points.reduce((so, value, index) => (index % 2 === first ? choose(so, value) : so), points[first]);
  return {
    left: extreme(0, Math.min),
    top: extreme(1, Math.min),
    right: extreme(0, Math.max),
    bottom: extreme(1, Math.max),
  };
}

/** A picture by the name that a file gives it: from that file's folder, from the source's, else by its name alone. */
function findPicture(files: SourceFiles, json: string, name: string): string | undefined {
  const path = name.split('\\').join('/');
  const there = new Set(
    files.picturesNamed(stemOf(posix.basename(path), PICTURE_ENDINGS) ?? posix.basename(path)),
  );
  const exact = [posix.join(posix.dirname(json), path), posix.normalize(path)].find((file) =>
    there.has(file),
  );
  if (exact !== undefined) return exact;
  const candidates = [...there].filter((file) => `/${file}`.endsWith(`/${path}`));
  if (candidates.length === 1) return candidates[0];
  const list = listOfPath(json, true);
  const ofList = [...(candidates.length > 0 ? candidates : there)].filter(
    (file) => listOfPath(file) === list,
  );
  return ofList.length === 1 ? ofList[0] : undefined;
}
