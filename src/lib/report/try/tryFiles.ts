import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DetectorFiles } from 'yolov1/record';
import { TRY_PAGE } from '../text/crossReferences';
import { bundleProgram } from './bundleProgram';

/** What the page with the detector loads, in this order; all lie beside it. */
export interface TryFiles {
  /** Names from the page's folder. */
  scripts: readonly string[];
  /** Content by path from the site's folder. */
  files: ReadonlyMap<string, string | Buffer>;
}

/**
 * TensorFlow.js as it is published. Of its bundles these are the ones that evaluate no strings, which the page's policy
 * forbids.
 */
const LIBRARIES = [
  ['@tensorflow/tfjs', 'tf.es2017.min.js'],
  ['@tensorflow/tfjs-backend-wasm', 'tf-backend-wasm.es2017.min.js'],
  ['@tensorflow/tfjs-backend-webgpu', 'tf-backend-webgpu.es2017.min.js'],
] as const;
/** Without these the page computes as well. */
const OPTIONAL: readonly string[] = ['@tensorflow/tfjs-backend-webgpu'];

/**
 * The program of the page, and what it computes with. A page from disk may load scripts and nothing else: weights and
 * WebAssembly are put into scripts as text.
 */
export async function tryFiles(root: string, detector: DetectorFiles): Promise<TryFiles> {
  const parts = await Promise.all([
    ...LIBRARIES.map(([name, file]) => library(name, file)),
    wasmScript(),
    detectorScript(detector),
    bundleProgram(root).then((program) => ['program.js', program] as const),
  ]);
  const there = parts.filter((part) => part !== undefined);
  return {
    scripts: there.map(([name]) => name),
    files: new Map(there.map(([name, content]) => [`${TRY_PAGE}${name}`, content])),
  };
}

async function library(name: string, file: string): Promise<readonly [string, Buffer] | undefined> {
  try {
    return [file, await readFile(join(folderOf(name), file))];
  } catch (error) {
    if (OPTIONAL.includes(name)) return undefined;
    throw error;
  }
}

async function wasmScript(): Promise<readonly [string, string]> {
  const folder = folderOf('@tensorflow/tfjs-backend-wasm');
  const address = async (name: string) =>
    `data:application/wasm;base64,${await readFile(join(folder, name), 'base64')}`;
  const [plain, simd] = await Promise.all(
    ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'].map(address),
  );
  return ['wasm.js', `globalThis.yolov1Wasm = ${JSON.stringify({ plain, simd })};\n`];
}

function detectorScript({ about, weights }: DetectorFiles): readonly [string, string] {
  const stored = { about, weights: Buffer.from(weights).toString('base64') };
  return ['detector.js', `globalThis.yolov1Detector = ${JSON.stringify(stored)};\n`];
}

function folderOf(name: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), 'dist');
}
