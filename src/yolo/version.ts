import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Version of this package, as a run records it. */
export const version: string = JSON.parse(readFileSync(packageFile(), 'utf8')).version;

/** The package's own package.json, beside the sources and one above the built files. */
function packageFile(): string {
  return join(__dirname, __dirname.endsWith('dist') ? '..' : '.', 'package.json');
}
