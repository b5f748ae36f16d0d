import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted } from 'yolov1/form';
import { type DetectorFiles, findDetectorFiles } from 'yolov1/record';
import { NotebookError } from '../../errors';
import { readNotebook } from '../../notebook/file';
import { findNotebooks } from '../../notebook/find';
import { PHOTOGRAPHS, photographPath } from '../extras/photographsFigure';
import { readArticle } from '../read/article';
import { readBibliography } from '../read/bibliography';
import { readEdition } from '../read/citation';
import { readClaims } from '../read/claims';
import { readReportConfig } from '../read/config';
import { Facts } from '../read/facts';
import { languageOf, originOf, runsOf } from '../read/notebookOrigin';
import { readPhotographsOf } from '../read/photographs';
import { RUNS, readRuns } from '../read/runs';
import { loadHighlight } from '../text/highlight';
import { tryFiles } from '../try/tryFiles';
import type { ReportNotebook } from './chapter';
import { loadFonts } from './fonts';
import { renderSite } from './site';
import { writeSite } from './writeSite';

/** Folders from the project's root. */
export const NOTEBOOKS = 'notebooks';
export const REPORT = 'report';
const SITE = 'report/site';
const PAGE = 'index.html';
/** What crawlers may read: all of it. */
const ROBOTS = 'User-agent: *\nAllow: /\n';
/** All pages as one file, with its fonts inside. */
const SINGLE = 'single.html';

/** What was built. */
export interface BuiltReport {
  /** The site's first page. */
  path: string;
  /** Files that were written, by path from the site's folder. */
  files: readonly string[];
  /** Size of all pages in bytes, without the fonts beside them. */
  bytes: number;
  notebooks: number;
  warnings: readonly string[];
}

/**
 * Builds report/site/ from the notebooks as they are: their stored outputs are shown, nothing is run.
 *
 * @param root - The project's folder.
 * @param single - Builds report/site/single.html instead, one file that can be sent: all pages, with their fonts inside.
 * @param onStep - Takes what is being done, in words.
 * @throws NotebookError with file and place if anything is wrong; the pages that were there stay.
 */
export async function buildReport(
  root: string,
  single = false,
  onStep: (step: string) => void = () => {},
): Promise<BuiltReport> {
  const report = (name: string) => join(root, REPORT, name);
  const scripts = Promise.all(['page.js', 'copy.js', 'table.js'].map((name) => readPart(report(name))));
  const notebooks = readNotebooks(root);
  const [
    config,
    template,
    style,
    script,
    collapse,
    fonts,
    highlight,
    stored,
    works,
    claims,
    article,
    edition,
  ] = await Promise.all([
    readReportConfig(root),
    readPart(report('template.html')),
    readPart(report('style.css')),
    scripts,
    readPart(report('collapse.js')),
    loadFonts(),
    loadHighlight(),
    readRuns(root),
    readBibliography(root),
    readClaims(root),
    readArticle(root),
    readEdition(root),
  ]);
  onStep(`read ${counted(notebooks.length, 'notebook')}, ${counted(stored.size, 'run record')}`);
  for (const { name, origin } of notebooks) {
    const lost = origin && runsOf(origin).find((run) => !stored.has(run));
    if (lost !== undefined)
      throw new NotebookError(`${name}: made from ${RUNS}/${lost}, which is not there; execute it again`);
  }
  const pictures = await readPhotographsOf(config, stored);
  const detector = config.detector ? await readDetector(join(root, config.detector)) : undefined;
  const trial = detector && !single ? { detector, ...(await tryFiles(root, detector)) } : undefined;
  const {
    pages,
    fonts: fontFiles,
    warnings,
  } = renderSite({
    config,
    template,
    style,
    script: script.join('\n'),
    collapse,
    fonts,
    single,
    photographs: pictures.found.size > 0,
    project: {
      root,
      folder: NOTEBOOKS,
      source: config.source.href,
      notebooks: notebooks.map(({ name }) => name),
      works,
      stored,
      facts: new Facts(root, stored),
      highlight,
    },
    notebooks,
    works,
    pictures,
    onStep,
    ...(trial && { trial }),
    ...(edition && { edition }),
    ...(claims && { claims }),
    ...(article !== undefined && { article }),
  });
  onStep('writing');
  const site = join(root, SITE);
  const name = single ? SINGLE : PAGE;
  const files = new Map<string, string | Buffer>([...fontFiles, ...(trial?.files ?? [])]);
  for (const [path, html] of pages) files.set(path || name, html);
  if (!single) {
    files.set('robots.txt', ROBOTS);
    for (const [key, { file }] of pictures.found) files.set(photographPath(key), file);
  }
  const folders = [...pages.keys()].flatMap((path) => (path.includes('/') ? [path.split('/')[0]] : []));
  await writeSite(site, files, name, single ? [] : ['fonts', PHOTOGRAPHS, 'try', ...folders]);
  const problems = pictures.problem ? [`no photographs: ${pictures.problem}`] : [];
  if (config.detector && !detector)
    problems.push(`no page to try the detector: ${config.detector} holds none yet`);
  return {
    path: join(site, name),
    files: [...files.keys()],
    bytes: [...pages.values()].reduce((sum, html) => sum + Buffer.byteLength(html), 0),
    notebooks: notebooks.length,
    warnings: [...warnings, ...problems],
  };
}

function readNotebooks(root: string): ReportNotebook[] {
  return findNotebooks(join(root, NOTEBOOKS)).map((path) => {
    const { cells, metadata } = readNotebook(path);
    return { name: basename(path), cells, language: languageOf(metadata), origin: originOf(metadata) };
  });
}

/** The detector that the page is to have; undefined where the folder holds none. */
async function readDetector(folder: string): Promise<DetectorFiles | undefined> {
  return findDetectorFiles(folder).catch((error: Error) => {
    throw new NotebookError(error.message);
  });
}

async function readPart(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw new NotebookError(`${path}: cannot be read (${error.message})`);
  });
}
