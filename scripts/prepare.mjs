// What `npm start` and `npm test` have in common: everything set up, each step only when it is needed.
// Plain JavaScript without dependencies, since it runs before the packages are installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A program that failed has said why; the scripts end with its status and say no more. */
export class Failed extends Error {
  constructor(status) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

/** Runs a program to its end with its output shown. Throws Failed unless it succeeds. */
export async function run(program, args, variables = {}) {
  const status = await exitStatus(program, args, variables);
  if (status !== 0) throw new Failed(status);
}

/**
 * Runs a program to its end with its output shown, and hands on every signal that would end us.
 * If `onLine` is given, it hears each line of stdout.
 */
export function exitStatus(program, args, variables = {}, onLine = undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['inherit', onLine ? 'pipe' : 'inherit', 'inherit'],
      env: { ...process.env, ...variables },
      shell: process.platform === 'win32' && program === 'npm',
    });
    if (onLine) {
      child.stdout.pipe(process.stdout, { end: false });
      createInterface({ input: child.stdout }).on('line', onLine);
    }
    const handOn = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, handOn);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, handOn);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Runs a program of an installed package by its JavaScript file: npx would cost half a second. */
export function runPackage(file, args, variables) {
  return run(process.execPath, [join(root, 'node_modules', file), ...args], variables);
}

export const TSC = 'typescript/bin/tsc';
export const TSX = 'tsx/dist/cli.mjs';
export const BIOME = '@biomejs/biome/bin/biome';

/** Says a step's name, does it, says its seconds. */
export async function step(name, work) {
  const since = performance.now();
  console.log(`== ${name}`);
  await work();
  console.log(`== ${name}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
}

/** Installs packages, builds, sets up native TensorFlow: what is already there is left. */
export async function prepare() {
  checkNode();
  if (!packagesInPlace())
    await step('Packages (npm ci)', () => run('npm', ['ci', '--no-audit', '--no-fund']));
  await step('Build', build);
  await step('Native TensorFlow', () => runPackage('yolov1/bin/yolov1.js', ['setup', '--optional']));
}

/** Compiles what has changed, and everything where something that was compiled is gone, which tsc doesn't look for. */
export async function build() {
  const packages = ['src/yolo', 'src/lib'];
  const whole = packages.every((folder) => isWhole(join(root, folder, 'dist')));
  await runPackage(TSC, ['-b', ...(whole ? [] : ['--force']), ...packages]);
}

/** Whether what tsc noted to have compiled into a folder is there; a folder without its note is built anyway. */
export function isWhole(dist) {
  const note = join(dist, '.tsbuildinfo');
  if (!existsSync(note)) return true;
  try {
    const sources = JSON.parse(readFileSync(note, 'utf8')).fileNames.filter(
      (name) => /\.ts$/.test(name) && !/\.d\.ts$|\/node_modules\//.test(name),
    );
    return sources.every((name) =>
      // Sources lie in the folder above.
      ['.js', '.d.ts'].every((ending) => existsSync(resolve(dist, name.slice(3).replace(/\.ts$/, ending)))),
    );
  } catch {
    return false;
  }
}

function packagesInPlace() {
  const packagesOf = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  try {
    // Npm notes here, at the end, what it has installed.
    return holds(packagesOf('node_modules/.package-lock.json'), packagesOf('package-lock.json'));
  } catch {
    return false;
  }
}

/**
 * Whether everything that a lock file asks for is installed.
 *
 * @param installed - `packages` of `node_modules/.package-lock.json`.
 * @param wanted - `packages` of `package-lock.json`.
 */
export function holds(installed, wanted) {
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    // The workspaces themselves are linked, and packages for other platforms are left out.
    if (!path.includes('node_modules/') || (optional && !installed[path])) return true;
    return link ? installed[path]?.link === true : installed[path]?.version === version;
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node ${process.versions.node} is too old: install Node 20.19 or newer (20 or 22).`);
    throw new Failed(1);
  }
}

/** Runs a script's main function; a failed program's status becomes ours. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    process.exitCode = error.status;
  }
}
