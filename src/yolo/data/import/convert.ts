import { posix } from 'node:path';
import { messageOf, UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import { PICTURE_ENDINGS, stemOf } from '../fileIndex';
import { annotatedView } from '../picture/annotatedPicture';
import { readPictureHeader, uprightSize } from '../picture/pictureHeader';
import { counts } from './importClasses';
import { countingOf, type Mend, mendPicture } from './mend';
import type { SourceFiles } from './sourceFiles';
import type { ImportProblem, SourcePicture, SourceSet } from './sourceSet';
import type { YearPicture } from './writeYear';

const OPEN_FILES = 32;

/** A picture in VOC's form, before it has a list. */
export interface Converted extends Omit<YearPicture, 'list'> {
  /** Path within the source's folder. */
  readonly picture: string;
  readonly list?: string;
}

/** Brings every picture and its boxes into VOC's form, with what was mended and what can't be. */
export async function convert(
  files: SourceFiles,
  set: SourceSet,
  classes: readonly string[],
  exif: 'turned' | 'stored' | undefined,
): Promise<{ pictures: Converted[]; problems: ImportProblem[]; mended: Partial<Record<Mend, string[]>> }> {
  const counting = countingOf(set.boxes, set.pictures);
  const ids = idsOf(set.pictures);
  const sorted = [...set.pictures].sort((a, b) => (ids.get(a)! < ids.get(b)! ? -1 : 1));
  const read = await mapConcurrently(sorted, OPEN_FILES, async (source) => {
    const mends: Mend[] = [];
    try {
      const path = files.path(source.picture);
      const { view, width, height, rewrite } = await lookAt(path, source, set.boxes, exif);
      if (!source.size && set.boxes === 'pixels') mends.push('size');
      const known = { ...source, objects: source.objects.filter(({ name }) => classes.includes(name)) };
      const size = { width, height };
      const annotation = mendPicture(known, ids.get(source)!, size, set.boxes, counting, (mend) =>
        mends.push(mend),
      );
      const { picture, list } = source;
      return {
        converted: {
          picture,
          source: path,
          annotation,
          ...(list ? { list } : {}),
          ...(rewrite ? { rewrite: view } : {}),
        },
        mends: mends.map((mend) => [mend, source.annotation] as const),
      };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const message = messageOf(error).replace(`${files.path(source.picture)}: `, '');
      return { problem: { file: source.picture, problem: message.replace(`${source.annotation}: `, '') } };
    }
  });
  const mended: Partial<Record<Mend, string[]>> = {};
  for (const [mend, file] of read.flatMap(({ mends }) => mends ?? [])) {
    mended[mend] ??= [];
    mended[mend].push(file);
  }
  return {
    pictures: read.flatMap(({ converted }) => (converted ? [converted] : [])),
    problems: [...set.problems, ...read.flatMap(({ problem }) => (problem ? [problem] : []))],
    mended,
  };
}

/** The size and the view in which a picture was annotated. */
async function lookAt(
  path: string,
  { size, objects, annotation }: SourcePicture,
  boxes: SourceSet['boxes'],
  exif: 'turned' | 'stored' | undefined,
): Promise<{ view: 'turned' | 'stored'; width: number; height: number; rewrite: boolean }> {
  const header = await readPictureHeader(path);
  const upright = uprightSize(header);
  const sizeOf = (view: 'turned' | 'stored') =>
    view === 'turned' ? upright : { width: header.width, height: header.height };
  // Shares fit a picture in any view, and so do boxes of an annotation that says no size.
  const tells = boxes !== 'shares' && size !== undefined;
  if (header.orientation === 1 && !tells) return { view: 'stored', ...sizeOf('stored'), rewrite: false };
  // Neither size nor boxes can tell: only whoever drew them can.
  const isHeld = tells && header.orientation >= 5 && header.width !== header.height;
  if (exif !== undefined && header.orientation > 1 && !isHeld) {
    if (tells) annotatedView(path, { path: annotation, ...size, objects: 0 }, header, header.orientation);
    const looksAlike = upright.width === header.width && upright.height === header.height;
    return { view: exif, ...sizeOf(exif), rewrite: looksAlike };
  }
  if (!tells && objects.length === 0) return { view: 'turned', ...upright, rewrite: false };
  if (!tells) {
    throw new UserError(
      `has the EXIF orientation ${header.orientation}, and its boxes fit it both as it is stored and as it is turned; say how it was annotated with --exif turned (as viewers show it) or --exif stored`,
    );
  }
  const view = annotatedView(
    path,
    { path: annotation, ...size, objects: objects.length },
    header,
    header.orientation,
  );
  return { view, ...sizeOf(view), rewrite: false };
}

/** Ids of the pictures: their names without ending; where two have the same, with their folders. */
function idsOf(pictures: readonly SourcePicture[]): Map<SourcePicture, string> {
  const nameOf = ({ picture }: SourcePicture) => clean(stemOf(posix.basename(picture), PICTURE_ENDINGS)!);
  const times = counts(pictures.map((picture) => nameOf(picture).toLowerCase()));
  const used = new Set<string>();
  const ids = new Map<SourcePicture, string>();
  for (const picture of pictures) {
    const name = nameOf(picture);
    const whole = clean(stemOf(picture.picture, PICTURE_ENDINGS)!.split('/').join('_'));
    let id = times[name.toLowerCase()] > 1 ? whole : name;
    for (let number = 2; used.has(id.toLowerCase()); number++) id = `${whole}-${number}`;
    used.add(id.toLowerCase());
    ids.set(picture, id);
  }
  return ids;
}

/** A name that can stand in a list: on one line, without space at its ends. */
function clean(name: string): string {
  return (
    name
      .replace(/\p{Cc}/gu, '_')
      .trim()
      .replace(/^\.+/, '') || '_'
  );
}
