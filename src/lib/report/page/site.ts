import type { DetectorFiles } from 'yolov1/record';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { NotebookError } from '../../errors';
import { Extras } from '../extras/extras';
import { samplesOf } from '../extras/photographsFigure';
import type { Work } from '../read/bibliography';
import type { Edition } from '../read/citation';
import type { Claims } from '../read/claims';
import type { Photographs } from '../read/photographs';
import { CrossReferences, REFERENCES_PAGE, RUNS_PAGE, TRY_PAGE } from '../text/crossReferences';
import { titleName } from '../text/links';
import { Page, type Project } from '../text/page';
import { tryBlock } from '../try/tryPage';
import { articleBlock, type NotebookFigures } from './article';
import { chapterBlock, chapterNumber, type ReportNotebook } from './chapter';
import { claimsBlock, claimsOf } from './claimsTable';
import { type Frame, framePage, type Navigation, type WrittenPage } from './frame';
import { referencesBlock } from './referencesPage';
import { runsBlock } from './runsPage';
import { SEARCH_PAGE, searchBlock } from './searchPage';

/** Names that the template gives on every page. */
const TEMPLATE_NAMES = ['text', 'contents-title', 'menu-title', 'texts'];

/** All that the site is made of. */
export interface SiteParts extends Frame {
  project: Omit<Project, 'references' | 'single'>;
  notebooks: readonly ReportNotebook[];
  works: ReadonlyMap<string, Work>;
  claims?: Claims;
  /** Version and date, for the article. */
  edition?: Edition;
  /** The first page, in Markdown; without it the site begins with the first chapter. */
  article?: string;
  pictures: Photographs;
  /** What readers try, and the scripts that its page loads. */
  trial?: { detector: DetectorFiles; scripts: readonly string[] };
  /** Takes what is being done, in words. */
  onStep: (step: string) => void;
}

/** The site, whole, and what its author should know. */
export interface Site {
  /** HTML by path from the site's folder, such as `memory/index.html`; of a single file, under the empty path. */
  pages: ReadonlyMap<string, string>;
  /** Fonts that lie beside the pages, by path. */
  fonts: ReadonlyMap<string, Buffer>;
  warnings: readonly string[];
}

/**
 * Puts notebooks, article, claims, runs and references on pages. Equal parts give equal pages, byte for byte.
 *
 * @throws NotebookError with notebook and cell for whatever must not be published: an error in an output, a broken link,
 * a label used twice, an equation that can't be set.
 */
export function renderSite(parts: SiteParts): Site {
  const { single } = parts;
  checkAddresses(parts.notebooks);
  const references = new CrossReferences(TEMPLATE_NAMES);
  const project: Project = { ...parts.project, references, single };
  const extras = new Extras(parts.config, parts.collapse, parts.pictures, project);
  const figures = new Map<string, { figure: Page['figures'][number]; page: Page }>();
  const chapters = parts.notebooks.map((notebook) => {
    parts.onStep(notebook.name);
    const chapter = writeChapter(notebook, project, extras, parts.claims);
    for (const figure of chapter.page.figures) figures.set(figure.label, { figure, page: chapter.page });
    return chapter.written;
  });
  extras.check();
  for (const { figure: label } of parts.config.grids ?? []) {
    const scene = figures.get(label);
    if (!scene) {
      throw new NotebookError(
        `report/config.json: 'grids.figure' is '${label}', which is no figure of a notebook; there are ${[...figures.keys()].sort().join(', ')}`,
      );
    }
    figures.set(label, { ...scene, figure: parts.pictures.grids.get(label) ?? scene.figure });
  }
  const article = writeArticle(parts, project, figures, extras);
  const trial = writeTrial(parts, project);
  const appendix = writeAppendix(parts, project);
  references.check();
  const navigation: Navigation = [
    { name: 'Article', pages: [...article, ...trial] },
    { name: 'Chapters', pages: chapters },
    { name: 'Appendix', pages: appendix },
  ];
  const resolved = navigation.map(({ name, pages }) => ({
    name,
    pages: pages.map((page) => ({ ...page, html: references.resolve(page.html, page.address, single) })),
  }));
  const { warnings } = references;
  if (single) {
    const all = resolved.flatMap(({ pages }) => pages);
    const { html } = framePage(joined(all), [], parts);
    return { pages: new Map([['', html]]), fonts: new Map(), warnings };
  }
  return { ...framed(resolved, parts), warnings };
}

/** @throws NotebookError for a notebook whose page would have the address of another one. */
function checkAddresses(notebooks: readonly ReportNotebook[]): void {
  const taken = new Map(
    ['claims', 'runs', 'references', 'search', 'try', 'fonts', 'photographs'].map((name) => [
      name,
      'the site',
    ]),
  );
  for (const { name } of notebooks) {
    const address = titleName(name);
    const other = taken.get(address);
    if (other)
      throw new NotebookError(
        `${name}: its page would be ${address}/, which ${other} has; rename the notebook`,
      );
    taken.set(address, name);
  }
}

function writeChapter(
  notebook: ReportNotebook,
  project: Project,
  extras: Extras,
  claims: Claims | undefined,
) {
  const address = `${titleName(notebook.name)}/`;
  const page = new Page(project, address, chapterNumber(notebook.name));
  const html = chapterBlock(notebook, page, extras, claims ? claimsOf(notebook.name, claims) : '');
  return { page, written: written(page, html) };
}

function writeArticle(
  { article, claims, config, edition }: SiteParts,
  project: Project,
  figures: NotebookFigures,
  extras: Extras,
): WrittenPage[] {
  const page = new Page(project, '');
  if (article === undefined)
    return [{ ...written(page, ''), title: escapeMarkup(config.title), opening: lead(config) }];
  return [written(page, articleBlock(article, page, figures, extras, { claims, edition }))];
}

/** What stands on the first page of a site without an article. */
function lead({ title, lead: words }: Frame['config']): string {
  return `<h1>${escapeMarkup(title)}</h1>\n<p class="lead">${escapeMarkup(words)}</p>\n`;
}

function writeAppendix({ claims, works }: SiteParts, project: Project): WrittenPage[] {
  const claimsPage = new Page(project, 'claims/');
  const runsPage = new Page(project, RUNS_PAGE);
  const referencesPage = new Page(project, REFERENCES_PAGE);
  const runs = [...project.stored.values()];
  const claimsHtml = claims && claimsBlock(claims, claimsPage);
  const runsHtml = runs.length > 0 ? runsBlock(runs, runsPage) : undefined;
  return [
    ...titled(claimsPage, 'Claims and verdicts', claimsHtml),
    ...titled(runsPage, 'Runs', runsHtml),
    // Last: only now it is known what is cited.
    ...titled(referencesPage, 'References', referencesBlock(works, project.references)),
  ];
}

/** Without a detector, and in a single file, there is no page to try it on. */
function writeTrial({ trial, pictures, single }: SiteParts, project: Project): WrittenPage[] {
  if (!trial || single) return [];
  const page = new Page(project, TRY_PAGE);
  const html = tryBlock(trial.detector, samplesOf(pictures));
  return titled(page, 'Try the detector', html).map((one) => ({ ...one, scripts: trial.scripts }));
}

/** A page with a title of its own; none where nothing is to be on it. */
function titled(page: Page, title: string, html: string | undefined): WrittenPage[] {
  if (html === undefined) return [];
  const id = page.namePart(page.address.replace('/', ''));
  page.headings.unshift({ id, level: 1, html: title });
  const tag = page.project.single ? 'h2' : 'h1';
  return [written(page, `<${tag} id="${id}">${title}</${tag}>\n${html}`)];
}

function written({ address, headings, project }: Page, html: string): WrittenPage {
  if (headings[0]) project.references.addPage(address, headings[0].id);
  return { address, headings, html, opening: '', title: headings[0]?.html ?? '' };
}

/** All pages as one, its contents their titles. */
function joined(pages: readonly WrittenPage[]): WrittenPage {
  const [first] = pages;
  const headings = pages.flatMap(({ headings: [title] }) => (title ? [{ ...title, level: 2 }] : []));
  return { ...first, headings, html: pages.map(({ html }) => html).join('\n') };
}

function framed(navigation: Navigation, parts: SiteParts): Pick<Site, 'pages' | 'fonts'> {
  const pages = navigation.flatMap((group) => group.pages);
  const search: WrittenPage = {
    address: SEARCH_PAGE,
    title: 'Search',
    headings: [],
    opening: '<h1 id="search">Search</h1>\n',
    html: searchBlock(pages),
  };
  const all = [...pages, search].map((page) => ({ page, ...framePage(page, navigation, parts) }));
  return {
    pages: new Map(all.map(({ page, html }) => [`${page.address}index.html`, html])),
    fonts: new Map(all.flatMap(({ fonts }) => [...fonts])),
  };
}
