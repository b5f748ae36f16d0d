import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { NotebookError } from '../src/lib/errors';
import { executeNotebook } from '../src/lib/notebook/execute';
import { findNotebooks } from '../src/lib/notebook/find';
import { isStale } from '../src/lib/notebook/freshness';
import { terminalProgress } from '../src/lib/notebook/terminalProgress';

const USAGE = `Usage: tsx scripts/notebooks.ts run [--only 03] [--stale] [--profile smoke|short|mini|full]
       tsx scripts/notebooks.ts check [--only 03]

run     executes the notebooks in fresh kernels and stores their outputs
check   says which notebooks are stale, and why; exit status 1 if any is

--only NAME       just the notebook whose name begins so
--stale           just those that are stale
--profile NAME    sets YOLOV1_PROFILE for the cells; with smoke or short the outputs go to a temporary folder`;

const PROFILES = ['smoke', 'short', 'mini', 'full'];
/** Those that only show that every cell works; what they print is not kept. */
const TRIALS = ['smoke', 'short'];
const FOLDER = relative(process.cwd(), join(__dirname, '..', 'notebooks')) || '.';

async function run(files: readonly string[], profile: string | undefined): Promise<void> {
  const trial =
    profile && TRIALS.includes(profile) ? mkdtempSync(join(tmpdir(), `yolov1-${profile}-`)) : undefined;
  for (const file of files) {
    console.log(file);
    const start = performance.now();
    const output = trial && join(trial, basename(file));
    await executeNotebook(file, {
      onProgress: terminalProgress(process.stdout),
      ...(profile === undefined ? {} : { env: { YOLOV1_PROFILE: profile } }),
      ...(output === undefined ? {} : { output }),
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`  ${seconds} s${output === undefined ? '' : `, written to ${output}`}`);
  }
}

function check(files: readonly string[]): boolean {
  const stale = files.filter((file) => {
    const reasons = isStale(file);
    console.log(`${file}: ${reasons.length === 0 ? 'fresh' : `stale (${reasons.join('; ')})`}`);
    return reasons.length > 0;
  });
  if (stale.length > 0) console.log('bring them up to date with `npx tsx scripts/notebooks.ts run --stale`');
  return stale.length === 0;
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        stale: { type: 'boolean', default: false },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new NotebookError(`${(error as Error).message.split('. ')[0]}; see --help`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parse();
  const [command, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if ((command !== 'run' && command !== 'check') || rest.length > 0) {
    throw new NotebookError(`the command is '${positionals.join(' ')}', expected run or check; see --help`);
  }
  if (values.profile !== undefined && !PROFILES.includes(values.profile)) {
    throw new NotebookError(`--profile is '${values.profile}', expected ${PROFILES.join(', ')}`);
  }
  const files = findNotebooks(FOLDER, values.only);
  if (command === 'check') process.exitCode = check(files) ? 0 : 1;
  else await run(values.stale ? files.filter((file) => isStale(file).length > 0) : files, values.profile);
}

main().catch((error: unknown) => {
  if (!(error instanceof NotebookError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
