import { posix } from 'node:path';
import { counted } from '../../core/counted';
import { messageOf, UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import { readAnnotationXml, type WrittenAnnotation } from '../annotationXml';
import { PICTURE_ENDINGS, stemOf } from '../fileIndex';
import { readText } from '../textFile';
import { type ListFile, listNamed, listOfPath, listsBy } from './lists';
import type { SourceFiles } from './sourceFiles';
import type { ImportProblem, SourcePicture, SourceSet } from './sourceSet';

const OPEN_FILES = 32;
const ID_LIST = /(?:^|\/)ImageSets\/Main\/([^/]+)\.txt$/i;

/**
 * Reads Pascal VOC annotations wherever they lie: beside their pictures, in a folder of their own, in `train/` and
 * `valid/`, in a year of a devkit with its lists.
 *
 * @param annotations - Their paths within the source's folder.
 */
export async function readVocSource(files: SourceFiles, annotations: readonly string[]): Promise<SourceSet> {
  const problems: ImportProblem[] = [];
  const remarks: string[] = [];
  const written = new Map<string, WrittenAnnotation>();
  await mapConcurrently(annotations, OPEN_FILES, async (file) => {
    const path = files.path(file);
    try {
      written.set(file, readAnnotationXml(await readText(path), path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push({ file, problem: messageOf(error).slice(path.length + 2) });
    }
  });
  const order = [...written.keys()].sort();
  const pictureOf = files.match(new Map(order.map((file) => [file, namesOf(file, written.get(file)!)])));
  const lists = await readLists(files, [...pictureOf.values()], remarks);
  const pictures: SourcePicture[] = [];
  const listless: string[] = [];
  for (const annotation of order) {
    const { size, objects, remarks: said } = written.get(annotation)!;
    remarks.push(...said.map((remark) => `${annotation}: ${remark}`));
    const picture = pictureOf.get(annotation);
    if (picture === undefined) {
      const [own] = namesOf(annotation, written.get(annotation)!);
      problems.push({ file: annotation, problem: files.missingPicture(own) });
      continue;
    }
    const list = lists ? lists.get(picture) : listOfPath(picture);
    if (lists && list === undefined) listless.push(picture);
    else {
      pictures.push({
        picture,
        annotation,
        ...(list === undefined ? {} : { list }),
        // LabelImg writes 0 for a picture whose size it didn't learn: that is no size.
        ...(size?.width && size.height ? { size: { width: size.width, height: size.height } } : {}),
        objects: objects.map(({ name, difficult, xmin, ymin, xmax, ymax }) => ({
          ...{ name, difficult },
          ...{ left: xmin, top: ymin, right: xmax, bottom: ymax },
        })),
      });
    }
  }
  if (listless.length > 0) {
    remarks.push(
      `${counted(listless.length, 'annotated picture stands in no list and is', 'annotated pictures stand in no list and are')} left out, such as ${listless[0]}`,
    );
  }
  const annotated = new Set(pictureOf.values());
  const bare = files.pictures.filter((picture) => !annotated.has(picture));
  if (bare.length > 0) {
    remarks.push(
      `${counted(bare.length, 'picture has no annotation and is', 'pictures have no annotation and are')} left out, such as ${bare[0]}`,
    );
  }
  return { boxes: 'pixels', pictures, problems, remarks };
}

/** Possible names of the picture: the annotation's, then the one it gives itself, as it is and without its ending. */
function namesOf(annotation: string, { filename }: WrittenAnnotation): string[] {
  const own = posix.basename(annotation).slice(0, -'.xml'.length);
  const said = filename?.split(/[/\\]/).pop();
  return [own, ...(said ? [said, stemOf(said, PICTURE_ENDINGS) ?? said] : [])];
}

/** The list of each picture by a devkit's lists, undefined where there are none that say train, val or test. */
async function readLists(
  files: SourceFiles,
  pictures: readonly string[],
  remarks: string[],
): Promise<Map<string, string> | undefined> {
  const found = files.all.flatMap((file) => {
    const list = listNamed(ID_LIST.exec(file)?.[1] ?? '');
    return list === undefined ? [] : [{ file, list, year: file.replace(ID_LIST, '') }];
  });
  if (found.length === 0) return undefined;
  const read: ListFile[] = [];
  for (const { file, list, year } of found) {
    const names = new Map<string, string>();
    for (const picture of pictures.filter((path) => year === '' || path.startsWith(`${year}/`))) {
      for (const name of listedNamesOf(picture, year)) if (!names.has(name)) names.set(name, picture);
    }
    const lines = (await readText(files.path(file))).split(/[\r\n]+/).map((line) => line.trim());
    const named = lines.filter(Boolean).map((line) => [line, pictureOfLine(line, names)] as const);
    read.push({ file, list, lines: new Map(named) });
  }
  return listsBy(read, remarks);
}

/** Possible names of a picture in a list: its path within JPEGImages, or its name, both without the ending. */
function listedNamesOf(picture: string, year: string): string[] {
  const path = stemOf(picture, PICTURE_ENDINGS)!.normalize('NFC');
  const within = path.slice(year === '' ? 0 : year.length + 1);
  return [within.replace(/^[^/]*\//, ''), posix.basename(path)];
}

function pictureOfLine(line: string, names: ReadonlyMap<string, string>): string | undefined {
  const plain = line.normalize('NFC');
  const candidates = [plain, plain.replace(/\s+(?:1|0|-1)$/, ''), plain.split(/\s+/)[0]].flatMap((text) => {
    const withoutEnding = stemOf(text, PICTURE_ENDINGS) ?? text;
    return [text, withoutEnding, withoutEnding.split(/[/\\]/).pop()!];
  });
  return candidates.map((name) => names.get(name)).find((picture) => picture !== undefined);
}
