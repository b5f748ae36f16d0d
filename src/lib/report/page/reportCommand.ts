import { basename, join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { NotebookError } from '../../errors';
import { executeNotebook } from '../../notebook/execute';
import type { Progress } from '../../notebook/executeCells';
import { findNotebooks } from '../../notebook/find';
import { isStale } from '../../notebook/freshness';
import { buildReport, NOTEBOOKS } from './buildReport';
import { watchReport } from './watchReport';

/** What `npm run report -- --help` prints. */
export const USAGE = `Builds report/site/, the article with its chapters, from the executed notebooks.

  npm run report                 build the pages from the outputs that the notebooks hold
  npm run report -- --stale      first execute the notebooks whose outputs are out of date
  npm run report -- --execute    first execute all notebooks
  npm run report -- --check      fail if outputs are out of date, naming the notebooks
  npm run report -- --watch      build whenever something changes, and serve pages that reload
  --single                       build report/site/single.html, all pages as one file, instead
  --only NAME                    of the notebooks, execute or check those whose name begins so; may be repeated`;

/** What the command was asked to do. */
interface Request {
  mode: 'build' | 'stale' | 'execute' | 'check' | 'watch' | 'help';
  single: boolean;
  only: readonly string[];
}

/**
 * The command behind `npm run report`.
 *
 * @param root - The project's folder.
 * @param say - Takes a line of progress.
 * @throws NotebookError in one line for whatever its user can mend; then the page that was there stays.
 */
export async function reportCommand(
  root: string,
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const { mode, single, only } = parse(args);
  if (mode === 'help') return say(USAGE);
  if (mode === 'watch') {
    const { address } = await watchReport(root, say);
    return say(`${address} reloads on a change; Ctrl+C ends`);
  }
  const chosen = findNotebooks(join(root, NOTEBOOKS), only);
  if (mode === 'check') check(chosen);
  if (mode === 'execute' || mode === 'stale') await bringUpToDate(chosen, mode === 'execute', say);
  const since = performance.now();
  const { path, bytes, notebooks, warnings } = await buildReport(root, single, (step) => say(`  ${step}`));
  for (const warning of warnings) say(`warning: ${warning}`);
  const what = `${notebooks} ${notebooks === 1 ? 'notebook' : 'notebooks'}, ${Math.ceil(bytes / 1000)} kB`;
  say(`Report: ${what}, built in ${seconds(since)}`);
  say(path);
}

function parse(args: readonly string[]): Request {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        stale: flag,
        execute: flag,
        check: flag,
        watch: flag,
        single: flag,
        help: flag,
        only: { type: 'string', multiple: true },
      },
    });
    if (values.help) return { mode: 'help', single: false, only: [] };
    const modes = (['stale', 'execute', 'check', 'watch'] as const).filter((mode) => values[mode]);
    if (modes.length > 1) throw new Error(`--${modes.join(' and --')} exclude each other`);
    const only = values.only ?? [];
    if (only.length > 0 && (modes.length === 0 || modes[0] === 'watch'))
      throw new Error('--only says what --stale, --execute or --check is for');
    if (values.single && (modes[0] === 'check' || modes[0] === 'watch'))
      throw new Error(`--single and --${modes[0]} exclude each other`);
    return { mode: modes[0] ?? 'build', single: values.single, only };
  } catch (error) {
    throw new NotebookError(
      `report: ${(error as Error).message.split('\n')[0]}; see npm run report -- --help`,
    );
  }
}

function check(paths: readonly string[]): void {
  const stale = paths
    .map((path) => ({ path, reasons: isStale(path) }))
    .filter(({ reasons }) => reasons.length > 0);
  if (stale.length === 0) return;
  const words = stale.map(({ path, reasons }) => `${basename(path)} (${reasons.join(', ')})`).join('; ');
  throw new NotebookError(`out of date: ${words}; run npm run report -- --stale`);
}

async function bringUpToDate(
  paths: readonly string[],
  all: boolean,
  say: (line: string) => void,
): Promise<void> {
  for (const path of paths) {
    const reasons = isStale(path);
    if (reasons.length === 0 && !all) {
      say(`${basename(path)}: up to date`);
      continue;
    }
    const since = performance.now();
    say(`${basename(path)}: executing (${reasons.join(', ') || 'asked for'})`);
    await executeNotebook(path, { onProgress: (progress) => sayProgress(progress, say) });
    say(`${basename(path)}: executed in ${seconds(since)}`);
  }
}

/** When a cell begins, and the lines that it prints. */
function sayProgress({ state, cell, cells, text }: Progress, say: (line: string) => void): void {
  if (state === 'started') say(`  cell ${cell} of ${cells}`);
  for (const line of text.split('\n')) {
    // Of a line that is written over and over only its last state counts.
    const last = stripVTControlCharacters(line.slice(line.lastIndexOf('\r') + 1)).trimEnd();
    if (last) say(`    ${last}`);
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
