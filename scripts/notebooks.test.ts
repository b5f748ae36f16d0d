import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Runs the script, and returns its exit status and what it printed. */
function notebooks(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = join(__dirname, 'notebooks.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], { encoding: 'utf8' });
}

test('every notebook has a test of its own that runs it whole', () => {
  const names = (folder: string, ending: RegExp) =>
    readdirSync(join(__dirname, folder))
      .filter((name) => ending.test(name))
      .map((name) => name.replace(ending, ''))
      .sort();
  assert.deepEqual(names('profiles', /\.test\.ts$/), names('../notebooks', /\.ipynb$/));
});

test('help shows both commands', () => {
  const { status, stdout } = notebooks('--help');
  assert.equal(status, 0);
  assert.match(stdout, /notebooks\.ts run .*\n.*notebooks\.ts check/);
});

test('a wrong command, option, profile or notebook is one line and exit status 1', () => {
  const mistakes: [string[], RegExp][] = [
    [[], /^error: the command is '', expected run or check; see --help\n$/],
    [['run', 'twice'], /^error: the command is 'run twice', expected run or check; see --help\n$/],
    [['run', '--fast'], /^error: Unknown option '--fast'; see --help\n$/],
    [['run', '--profile', 'huge'], /^error: --profile is 'huge', expected smoke, short, mini, full\n$/],
    [['check', '--only', '99'], /^error: no notebook begins with '99' in \S*notebooks: there are .*\n$/],
  ];
  for (const [args, message] of mistakes) {
    const { status, stderr } = notebooks(...args);
    assert.match(stderr, message);
    assert.equal(status, 1);
  }
});
