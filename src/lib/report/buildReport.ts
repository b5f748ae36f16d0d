import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NotebookError } from '../errors';
import { readNotebook } from '../notebook/file';
import { readReportConfig } from './config';
import { loadFonts } from './fonts';
import { loadHighlight } from './highlight';
import { renderPage } from './page';
import type { ReportNotebook } from './section';
import { writeSite } from './writeSite';

/** Folders from the project's root. */
export const NOTEBOOKS = 'notebooks';
const REPORT = 'report';
const SITE = 'report/site';
const PAGE = 'index.html';

/** What was built. */
export interface BuiltReport {
  /** The page. */
  path: string;
  /** Size of the page in bytes, fonts apart. */
  bytes: number;
  notebooks: number;
  warnings: readonly string[];
}

/**
 * Builds report/site/index.html from the notebooks as they are: their stored outputs are shown, nothing is run.
 *
 * @param root - The project's folder.
 * @throws NotebookError with file and place if anything is wrong; the page that was there stays.
 */
export async function buildReport(root: string): Promise<BuiltReport> {
  const report = (name: string) => join(root, REPORT, name);
  const [notebooks, config, template, style, script, fonts, highlight] = await Promise.all([
    readNotebooks(root),
    readReportConfig(report('config.json')),
    readPart(report('template.html')),
    readPart(report('style.css')),
    readPart(report('page.js')),
    loadFonts(),
    loadHighlight(),
  ]);
  const parts = { config, template, style, script, fontStyle: fonts.css, highlight, root, folder: NOTEBOOKS };
  const { html, warnings } = renderPage(notebooks, parts);
  const site = join(root, SITE);
  await writeSite(site, new Map<string, string | Buffer>([[PAGE, html], ...fonts.files]), PAGE);
  return { path: join(site, PAGE), bytes: Buffer.byteLength(html), notebooks: notebooks.length, warnings };
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
  return paths.map((path) => ({ name: basename(path), cells: readNotebook(path).cells }));
}

async function readPart(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw new NotebookError(`${path}: cannot be read (${error.message})`);
  });
}
