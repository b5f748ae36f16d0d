import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NotebookError } from '../../errors';
import { readNotebook } from '../../notebook/file';
import { PHOTOGRAPHS, photographPath } from '../extras/photographsFigure';
import { readBibliography } from '../read/bibliography';
import { readClaims } from '../read/claims';
import { readReportConfig } from '../read/config';
import { originOf, runsOf } from '../read/notebookOrigin';
import { readPhotographsOf } from '../read/photographs';
import { RUNS, readStoredRuns } from '../read/storedRun';
import { loadHighlight } from '../text/highlight';
import { readConclusion } from './conclusion';
import { loadFonts } from './fonts';
import { renderPage } from './page';
import type { ReportNotebook } from './section';
import { writeSite } from './writeSite';

/** Folders from the project's root. */
export const NOTEBOOKS = 'notebooks';
export const REPORT = 'report';
const SITE = 'report/site';
const PAGE = 'index.html';
/** The page as one file, with its fonts inside. */
const SINGLE = 'single.html';

/** What was built. */
export interface BuiltReport {
  /** The page. */
  path: string;
  /** Size of the page in bytes, without the fonts beside it. */
  bytes: number;
  notebooks: number;
  warnings: readonly string[];
}

/**
 * Builds report/site/index.html from the notebooks as they are: their stored outputs are shown, nothing is run.
 *
 * @param root - The project's folder.
 * @param single - Builds report/site/single.html instead, one file that can be sent: its fonts are inside.
 * @param onStep - Takes what is being done, in words.
 * @throws NotebookError with file and place if anything is wrong; the page that was there stays.
 */
export async function buildReport(
  root: string,
  single = false,
  onStep: (step: string) => void = () => {},
): Promise<BuiltReport> {
  const report = (name: string) => join(root, REPORT, name);
  const [
    notebooks,
    config,
    template,
    style,
    script,
    copy,
    collapse,
    fonts,
    highlight,
    stored,
    works,
    claims,
    conclusion,
  ] = await Promise.all([
    readNotebooks(root),
    readReportConfig(report('config.json')),
    readPart(report('template.html')),
    readPart(report('style.css')),
    readPart(report('page.js')),
    readPart(report('copy.js')),
    readPart(report('collapse.js')),
    loadFonts(),
    loadHighlight(),
    readStoredRuns(root),
    readBibliography(root),
    readClaims(root),
    readConclusion(root),
  ]);
  onStep(`read ${count(notebooks.length, 'notebook')}, ${count(stored.size, 'run record')}`);
  for (const { name, origin } of notebooks) {
    const lost = origin && runsOf(origin).find((run) => !stored.has(run));
    if (lost !== undefined)
      throw new NotebookError(`${name}: made from ${RUNS}/${lost}, which is not there; execute it again`);
  }
  const photographs = await readPhotographsOf(config.photographs, root, stored);
  const content = { stored, works, root, folder: NOTEBOOKS };
  const parts = {
    config,
    template,
    style,
    script: `${script}\n${copy}`,
    collapse,
    fonts,
    highlight,
    claims,
    conclusion,
    photographs,
    single,
    onStep,
    ...content,
  };
  const { html, fontFiles, warnings } = renderPage(notebooks, parts);
  onStep('writing');
  const site = join(root, SITE);
  const name = single ? SINGLE : PAGE;
  const files = new Map<string, string | Buffer>([[name, html], ...fontFiles]);
  if (!single) for (const [key, { file }] of photographs.found) files.set(photographPath(key), file);
  await writeSite(site, files, name, single ? [] : ['fonts', PHOTOGRAPHS]);
  const problems = photographs.problem ? [`no photographs: ${photographs.problem}`] : [];
  return {
    path: join(site, name),
    bytes: Buffer.byteLength(html),
    notebooks: notebooks.length,
    warnings: [...warnings, ...problems],
  };
}

/** Paths of the project's notebooks in reading order, that of their names. */
export async function listNotebooks(root: string): Promise<string[]> {
  const folder = join(root, NOTEBOOKS);
  const names = await readdir(folder).catch((error) => {
    throw new NotebookError(`${folder}: cannot list the notebooks (${error.message})`);
  });
  return names
    .filter((name) => name.endsWith('.ipynb'))
    .sort()
    .map((name) => join(folder, name));
}

async function readNotebooks(root: string): Promise<ReportNotebook[]> {
  const paths = await listNotebooks(root);
  if (paths.length === 0) throw new NotebookError(`${join(root, NOTEBOOKS)}: no notebook; expected *.ipynb`);
  return paths.map((path) => {
    const { cells, metadata } = readNotebook(path);
    return { name: basename(path), cells, origin: originOf(metadata) };
  });
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

async function readPart(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw new NotebookError(`${path}: cannot be read (${error.message})`);
  });
}
