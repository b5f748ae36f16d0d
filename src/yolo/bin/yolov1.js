#!/usr/bin/env node
// npm links only a file that is there when it installs, and dist/ is built afterwards.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join, sep } = require('node:path');

const dist = join(__dirname, '..', 'dist');
const program = join(dist, 'cli', 'main.js');
// An installed package has no sources: what lies there is not ours.
const hasSources = existsSync(join(__dirname, '..', 'tsconfig.json'));
const build = join(__dirname, '..', '..', '..', 'scripts', 'build.mjs');

/** The program's main function; undefined where files of the build are gone. */
function load() {
  try {
    return require(program).main;
  } catch (error) {
    const ofBuild = !existsSync(program) || error.requireStack?.[0].startsWith(dist + sep);
    if (error.code !== 'MODULE_NOT_FOUND' || !ofBuild || !/'(?:\.|.*main\.js')/.test(error.message))
      throw error;
    return undefined;
  }
}

let main = load();
if (!main && hasSources) {
  process.stderr.write('yolov1: files of its build are missing; building them\n');
  // What is printed belongs beside the answer, not into it.
  spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] });
  main = load();
}
if (main) {
  void main(process.argv.slice(2));
} else {
  const remedy = hasSources ? 'run: npm run build' : 'install the package again';
  process.stderr.write(`yolov1: files of its build are missing; ${remedy}\n`);
  process.exitCode = 1;
}
