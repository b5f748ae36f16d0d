import { posix } from 'node:path';
import { counted } from '../../core/counted';
import { messageOf, UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import { PICTURE_ENDINGS, stemOf } from '../fileIndex';
import { readText } from '../textFile';
import { type ListFile, listNamed, listOfPath, listsBy } from './lists';
import type { SourceFiles } from './sourceFiles';
import type { ImportProblem, SourcePicture, SourceSet } from './sourceSet';
import { parseLabels } from './yoloLabels';
import { type DataYaml, readNames, readYaml } from './yoloNames';

const OPEN_FILES = 32;

/**
 * Reads YOLO's label files: one a picture, with a line for each object: class number, centre and size in shares of the
 * picture's sides; or the points of a polygon, whose box is taken. A picture without a label file has no objects.
 *
 * @param labels - Paths of the label files within the source's folder.
 * @param given - Class names by their numbers, where no data.yaml, classes.txt or file of names has them.
 */
export async function readYoloSource(
  files: SourceFiles,
  labels: readonly string[],
  given: readonly string[] | undefined,
): Promise<SourceSet> {
  const yaml = await readYaml(files);
  const classes = yaml?.names ?? (await readNames(files)) ?? given;
  if (classes === undefined) {
    throw new UserError(
      `${files.root}: holds YOLO labels but no data.yaml, classes.txt or obj.names with the classes' names; name them by number with --classes`,
    );
  }
  const meaning = { classes, hasKeypoints: yaml?.hasKeypoints ?? false };
  const problems: ImportProblem[] = [];
  const remarks: string[] = [];
  const pictureOf = files.match(
    new Map(labels.map((file) => [file, [stemOf(posix.basename(file), ['.txt'])!]])),
  );
  const labelOf = new Map([...pictureOf].map(([label, picture]) => [picture, label]));
  const unclear = new Set<string>();
  for (const label of labels) {
    if (pictureOf.has(label)) continue;
    const stem = stemOf(posix.basename(label), ['.txt'])!;
    problems.push({ file: label, problem: files.missingPicture(stem) });
    // Without their label these would pass for pictures without objects.
    for (const picture of files.picturesNamed(stem)) if (!labelOf.has(picture)) unclear.add(picture);
  }
  const listOf = await readLists(files, labels, yaml, remarks);
  const pictures = files.pictures.filter((picture) => !unclear.has(picture));
  const used = new Set(pictures.map(listOf));
  const unused = [...(yaml?.lists.keys() ?? [])].filter((list) => !used.has(list));
  if (unused.length > 0) remarks.push(`the YAML file names lists without a picture: ${unused.join(', ')}`);
  const bare = pictures.filter((picture) => !labelOf.has(picture));
  if (bare.length > 0)
    remarks.push(
      `${counted(bare.length, 'picture has', 'pictures have')} no label file, which means no objects, such as ${bare[0]}`,
    );
  const read = await mapConcurrently(
    pictures,
    OPEN_FILES,
    async (picture): Promise<SourcePicture | undefined> => {
      const label = labelOf.get(picture);
      const list = listOf(picture);
      const common = { picture, annotation: label ?? picture, ...(list === undefined ? {} : { list }) };
      if (label === undefined) return { ...common, objects: [] };
      const path = files.path(label);
      try {
        return { ...common, objects: parseLabels(await readText(path), meaning) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        problems.push({ file: label, problem: messageOf(error).replace(`${path}: `, '') });
        return undefined;
      }
    },
  );
  return {
    boxes: 'shares',
    pictures: read.filter((picture) => picture !== undefined),
    classes,
    problems,
    remarks,
  };
}

/** How to tell a picture's list: by data.yaml and by files that list pictures, else by its folders. */
async function readLists(
  files: SourceFiles,
  labels: readonly string[],
  yaml: DataYaml | undefined,
  remarks: string[],
): Promise<(picture: string) => string | undefined> {
  const read: ListFile[] = [];
  const ofPictures = new Set(labels);
  for (const file of files.withEnding('.txt')) {
    const list = listNamed(posix.basename(file).slice(0, -'.txt'.length));
    if (list === undefined) continue;
    const lines = new Map<string, string | undefined>();
    for (const line of (await readText(files.path(file))).split(/[\r\n]+/)) {
      const name = line.trim().split('\\').join('/');
      const stem = stemOf(posix.basename(name), PICTURE_ENDINGS);
      if (stem === undefined) continue;
      const [picture, ...others] = longestEnd(files.picturesNamed(stem), name);
      lines.set(name, others.length === 0 ? picture : undefined);
    }
    // The labels of a picture that is called test are no list.
    if (lines.size > 0 || !ofPictures.has(file)) read.push({ file, list, lines });
  }
  const listed = listsBy(read, remarks);
  const folders = [...(yaml?.lists ?? [])].flatMap(([list, paths]) =>
    paths.map((path) => ({ list, folder: withinSource(yaml!.folder, path) })),
  );
  return (picture) =>
    listed.get(picture) ??
    folders.find(({ folder }) => picture.startsWith(`${folder}/`))?.list ??
    listOfPath(picture);
}

/** The pictures that have most of a path's folders in common with it, from its end. */
function longestEnd(pictures: readonly string[], path: string): string[] {
  const parts = path.split('/').reverse();
  const common = (picture: string) => {
    const own = picture.split('/').reverse();
    const differs = own.findIndex((part, index) => part !== parts[index]);
    return differs < 0 ? own.length : differs;
  };
  const most = Math.max(0, ...pictures.map(common));
  return pictures.filter((picture) => common(picture) === most);
}

/** Roboflow writes `../train/images` for a folder beside its data.yaml. */
function withinSource(folder: string, path: string): string {
  const plain = path
    .split('\\')
    .join('/')
    .replace(/^(?:\.{1,2}\/)+/, '')
    .replace(/\/+$/, '');
  return posix.normalize(posix.join(folder === '.' ? '' : folder, plain));
}
