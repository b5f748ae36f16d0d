import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { CLASSES, checkArguments, FINITE, FLAG, PATH, record } from '../../core/arguments';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { oneOf } from '../../core/form';
import { readCocoSource } from './cocoSource';
import { convert } from './convert';
import { classesOf, counts, plainName, withPlainNames } from './importClasses';
import { drawLists } from './lists';
import { type Mend, mendInWords } from './mend';
import { KIND_NAMES, recognise, SOURCE_KINDS, type SourceKind } from './recognise';
import { isWithin, SourceFiles } from './sourceFiles';
import type { ImportProblem, SourceSet } from './sourceSet';
import { readVocSource } from './vocSource';
import { type Placed, writeYear } from './writeYear';
import { readYoloSource } from './yoloSource';

/** Options of {@link importData}. */
export interface ImportOptions {
  /** Folder that becomes the year; it must not be there. */
  to: string;
  /** Layout of the source: Pascal VOC, COCO or YOLO. Default: recognised; needed where it holds several. */
  from?: SourceKind;
  /**
   * Class names in the order that numbers them; objects of other classes are left out. For YOLO labels without names:
   * the names by number. Default: the classes that have objects, in the source's order, else sorted.
   */
  classes?: readonly string[];
  /** Mend what can be mended and leave out what can't. Default false: write nothing if anything is wrong. */
  fix?: boolean;
  /**
   * How pictures with an EXIF orientation were annotated where their size can't tell: as viewers show them, or as they
   * are stored. Default: such pictures are problems.
   */
  exif?: 'turned' | 'stored';
  /** Share of the pictures that goes to `val` where the source has no lists, above 0 and below 1. Default .2. */
  val?: number;
  /** Seed by which the pictures of `val` are drawn. Default 0. */
  seed?: number;
}

/** Answer of {@link importData}. */
export interface ImportReport {
  /** Absolute path of the year's folder, undefined if nothing was written. */
  readonly folder: string | undefined;
  /** The layout that was recognised, in a few words. */
  readonly recognised: string;
  /** Pictures by list. */
  readonly lists: Readonly<Record<string, number>>;
  /** True if the lists were drawn here, since those of the source, if any, don't divide its pictures. */
  readonly drawn: boolean;
  /** Objects by class, in the order that numbers the classes. */
  readonly objects: Readonly<Record<string, number>>;
  /** Pictures without any object. */
  readonly empty: number;
  /**
   * Files in which something was mended (or could be, with `fix`), one name for each thing. By kind: boxes `clipped` to
   * the picture, with corners `swapped`, `dropped` for lack of area, `shifted` by a pixel, and a `size` that was
   * missing.
   */
  readonly mended: Readonly<Partial<Record<Mend, readonly string[]>>>;
  /** Faults that only a person can mend, each with its file within the source; these pictures are left out. */
  readonly problems: readonly ImportProblem[];
  /** One sentence for each thing that was passed over or understood in an unusual way. */
  readonly remarks: readonly string[];
  /** Pictures by the way into the year: linked, copied where no link can be made, or written anew, without EXIF. */
  readonly placed: Placed;
}

const SHARE = 'a share above 0 and below 1';
const OPTIONS = record('an object', {
  to: PATH,
  from: v.optional(oneOf(SOURCE_KINDS)),
  classes: v.optional(CLASSES),
  fix: v.optional(FLAG),
  exif: v.optional(oneOf(['turned', 'stored'])),
  val: v.optional(v.pipe(v.number(SHARE), v.gtValue(0, SHARE), v.ltValue(1, SHARE))),
  seed: v.optional(FINITE),
});

/**
 * Brings a data set into the layout of a devkit's year: Pascal VOC annotations wherever they lie, COCO JSON or YOLO
 * labels, with the lists of the source, else drawn ones. Pictures are linked where the disk can, and the source is
 * never touched.
 *
 * ```ts
 * const { folder, objects } = await importData('Downloads/raccoons', { to: 'data/Raccoons', fix: true });
 * ```
 *
 * @param source - Folder of the data set.
 * @param options - Where it goes, and how it is read.
 * @throws UserError if nothing or several kinds are recognised, the target is there already or can't be written, or no
 * picture is left; for an argument or option of another kind.
 */
export async function importData(source: string, options: ImportOptions): Promise<ImportReport> {
  checkArguments('importData', { source, options }, { source: PATH, options: OPTIONS });
  const { val = 0.2, seed = 0, fix = false } = options;
  const folder = resolve(options.to);
  if (existsSync(folder)) {
    throw new UserError(`${folder}: is there already; give another folder with --to, or move it away`);
  }
  if (isWithin(folder, source)) {
    throw new UserError(`${folder}: lies within the source, which is not touched; give a folder outside it`);
  }
  const files = new SourceFiles(source);
  const { kind, annotations } = kindOf(files, options.from);
  const given = options.classes?.map(plainName);
  const set = withPlainNames(await readSource(files, kind, annotations, given));
  const remarks = [...set.remarks];
  const classes = classesOf(set, given, remarks);
  if (classes.length === 0 && set.problems.length === 0) {
    throw new UserError(
      `${files.root}: none of its ${counted(set.pictures.length, 'picture')} has an object; there is nothing to learn`,
    );
  }
  const { pictures, problems, mended } = await convert(files, set, classes, options.exif);
  const hasLists =
    pictures.every(({ list }) => list !== undefined) && new Set(pictures.map(({ list }) => list)).size > 1;
  const drawn = hasLists
    ? undefined
    : drawLists(
        pictures.map(({ picture }) => picture),
        val,
        seed,
      );
  const unused = Object.entries(counts(pictures.flatMap(({ list }) => list ?? [])));
  if (drawn && unused.length > 0) {
    const said = unused.map(([list, count]) => `${list} ${count}`).join(', ');
    remarks.push(
      `the source's lists (${said} of ${counted(pictures.length, 'picture')}) don't divide the pictures and are not used`,
    );
  }
  const listed = pictures.map(({ picture, list, ...rest }) => ({
    ...rest,
    list: drawn?.get(picture) ?? list!,
  }));
  const objects = listed.flatMap(({ annotation }) => annotation.objects.map(({ name }) => name));
  if (objects.length === 0) {
    const dropped = `${mendInWords('dropped', mended.dropped?.length ?? 0)}: check whether their numbers are pixels`;
    const [first] = problems;
    const reasons = [
      ...(mended.dropped ? [dropped] : []),
      ...(first
        ? [
            `${counted(problems.length, 'problem needs', 'problems need')} a person, first ${first.file}: ${first.problem}`,
          ]
        : []),
    ];
    throw new UserError(`${files.root}: no picture with an object is left to import; ${reasons.join('; ')}`);
  }
  const mendedKinds = Object.keys(mended).length;
  const isWritten = fix || (problems.length === 0 && mendedKinds === 0);
  const placed = isWritten
    ? await writeYear(folder, listed, classes)
    : { linked: 0, copied: 0, rewritten: 0 };
  return {
    folder: isWritten ? folder : undefined,
    recognised: describe(kind, annotations, pictures.length),
    lists: counts(listed.map(({ list }) => list)),
    drawn: drawn !== undefined,
    objects: {
      ...Object.fromEntries(classes.map((name) => [name, 0])),
      ...counts(objects),
    },
    empty: listed.filter(({ annotation }) => annotation.objects.length === 0).length,
    mended,
    problems,
    remarks,
    placed,
  };
}

function kindOf(
  files: SourceFiles,
  from: SourceKind | undefined,
): { kind: SourceKind; annotations: readonly string[] } {
  const found = recognise(files);
  const kinds = SOURCE_KINDS.filter((kind) => found[kind].length > 0);
  const kind = from ?? kinds[0];
  if (kind === undefined || found[kind].length === 0) {
    const what = from === undefined ? 'annotations that are known' : KIND_NAMES[from];
    throw new UserError(
      `${files.root}: holds no ${what} (${counted(files.all.length, 'file')}, ${files.pictures.length} of them pictures); expected Pascal VOC XML, COCO JSON or YOLO txt: export it as one of these`,
    );
  }
  if (from === undefined && kinds.length > 1) {
    const both = kinds.map((one) => `${KIND_NAMES[one]} (${found[one].length})`).join(' and ');
    throw new UserError(
      `${files.root}: holds ${both}; say which to import with --from ${kinds.join(' or --from ')}`,
    );
  }
  return { kind, annotations: found[kind] };
}

function readSource(
  files: SourceFiles,
  kind: SourceKind,
  annotations: readonly string[],
  classes: readonly string[] | undefined,
): Promise<SourceSet> {
  if (kind === 'coco') return readCocoSource(files, annotations);
  return kind === 'voc' ? readVocSource(files, annotations) : readYoloSource(files, annotations, classes);
}

function describe(kind: SourceKind, annotations: readonly string[], pictures: number): string {
  return `${KIND_NAMES[kind]} in ${counted(annotations.length, 'file')}, ${counted(pictures, 'picture')}`;
}
