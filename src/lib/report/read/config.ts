import * as v from 'valibot';
import { fields, wholeFrom } from 'yolov1/form';
import { NotebookError } from '../../errors';
import { listOf, NAME, readForm, WORDS } from './form';

/** What the site's frame says and what the build draws, from the project's root. */
export const CONFIG = 'report/config.json';

/** A link of the page's frame. */
export interface FrameLink {
  text: string;
  /** Address, relative to the first page or whole. */
  href: string;
}

/** An experiment of the original. */
export interface ExperimentConfig {
  name: string;
  /** Name of its result among those of the original in report/sources.json. */
  published: string;
}

/** A figure that compares what runs find in the same photographs. */
export interface PhotographsConfig {
  /** Label of a notebook's figure behind which it stands; without it, it stands where the article has it. */
  after?: string;
  label: string;
  /** In Markdown. */
  caption: string;
  alt: string;
  /** Name of the run record, and what stands above its pictures. */
  runs: readonly { run: string; title: string }[];
  /** Year folder and id, and the size, so that boxes have their right frame where the photograph is not at hand. */
  pictures: readonly { key: string; width: number; height: number }[];
}

/** A notebook's figure of a scene under the grid, which the article has on a photograph of the user's where it is there. */
export interface GridConfig {
  /** Label of the notebook's figure. */
  figure: string;
  /** Year folder and id. */
  key: string;
  /** Cells per side. */
  gridSize: number;
  alt: string;
}

/** report/config.json: what the site's frame says, and what the build draws. */
export interface ReportConfig {
  title: string;
  /** What stands under the title of a site without an article. */
  lead: string;
  /** For search engines and link previews. */
  description: string;
  back: FrameLink;
  /** Where the project's root is, ends with a slash; links to its files begin with it. */
  source: FrameLink;
  /** Label of the figure behind which the collapse can be explored; without it only the article can have it. */
  collapseAfter?: string;
  experiments?: readonly ExperimentConfig[];
  /** Folder of the stored detector that readers try, from the project's root; without it they can't. */
  detector?: string;
  /** Figures with photographs of the user's own data. */
  photographs?: readonly PhotographsConfig[];
  grids?: readonly GridConfig[];
}

const LINK = fields({
  text: WORDS,
  href: v.pipe(
    WORDS,
    v.check((href) => !/^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(href), 'http, https or a relative address'),
  ),
});

const KEY = v.pipe(WORDS, v.regex(/^[\w-]+\/[\w-]+$/, 'year folder and id, such as VOC2012/2008_000075'));

const FORM = fields({
  title: WORDS,
  lead: WORDS,
  description: WORDS,
  back: LINK,
  source: LINK,
  collapseAfter: v.optional(NAME),
  detector: v.optional(WORDS),
  experiments: v.optional(listOf(fields({ name: WORDS, published: WORDS }))),
  photographs: v.optional(
    listOf(
      fields({
        after: v.optional(NAME),
        label: NAME,
        caption: WORDS,
        alt: WORDS,
        runs: listOf(fields({ run: WORDS, title: WORDS })),
        pictures: listOf(
          fields({
            key: KEY,
            width: wholeFrom(1),
            height: wholeFrom(1),
          }),
        ),
      }),
    ),
  ),
  grids: v.optional(listOf(fields({ figure: NAME, key: KEY, gridSize: wholeFrom(1), alt: WORDS }))),
});

/** @throws NotebookError with the file and the field for a configuration that can't be used. */
export async function readReportConfig(root: string): Promise<ReportConfig> {
  const config = await readForm(root, CONFIG, FORM);
  if (config === undefined) throw new NotebookError(`${CONFIG}: is not there`);
  return config as unknown as ReportConfig;
}
