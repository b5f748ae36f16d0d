// npm run report: the executed notebooks as one page. `--help` says what else it does.
import { join } from 'node:path';
import { NotebookError } from '../src/lib/errors';
import { reportCommand } from '../src/lib/report/page/reportCommand';

reportCommand(join(__dirname, '..'), process.argv.slice(2), console.log).catch((error: unknown) => {
  console.error(error instanceof NotebookError ? error.message : error);
  process.exitCode = 1;
});
