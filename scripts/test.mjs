// npm test: format and lint, types, every test, and on wasm and WebGPU again the tests that say so.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { BIOME, exitStatus, Failed, main, prepare, root, runPackage, step, TSC } from './prepare.mjs';

/** A test file with this line is run a second time with YOLOV1_BACKEND=wasm, one for all backends also with webgpu. */
const AGAIN = /^\/\/ runs on (both|all) backends$/m;

/**
 * Debian's Chromium brings a Vulkan driver that computes on the processor, and the loader for it: enough for the numbers
 * of WebGPU.
 */
const VULKAN = '/usr/lib/chromium';
const VULKAN_DRIVER = join(VULKAN, 'vk_swiftshader_icd.json');

/** Every `*.test.ts` and `*.test.mjs` under src/ and scripts/; Node 20 can't search for them itself. */
function testFiles() {
  return ['src', 'scripts']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
    )
    .filter((file) => /\.test\.(ts|mjs)$/.test(file) && !/[\\/](node_modules|dist)[\\/]/.test(file))
    .sort();
}

/** A line of the summary that node's test runner ends with. */
const SUMMARY = /^ℹ (pass|fail|skipped|todo) (\d+)$/;

const total = { pass: 0, fail: 0, skipped: 0, todo: 0 };

/** Runs test files, two at a time: each loads TensorFlow, which uses every core. Adds to the totals. */
async function runTests(list, variables) {
  const summary = {};
  const args = ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-timeout=600000'];
  const status = await exitStatus(
    process.execPath,
    [...args, '--test-reporter=spec', ...list],
    variables,
    (line) => {
      const [, name, count] = SUMMARY.exec(stripVTControlCharacters(line)) ?? [];
      if (name) summary[name] = Number(count);
    },
  );
  if (summary.pass === undefined) throw new Failed(status || 1); // The runner itself broke off.
  for (const name of Object.keys(total)) total[name] += summary[name] ?? 0;
  if (status !== 0 && summary.fail === 0) total.fail += 1;
}

/** A module of the library, which `prepare` has built. */
function built(module) {
  return createRequire(import.meta.url)(`../src/yolo/dist/${module}`);
}

/**
 * Most tests read tensors at once, which WebGPU can't in Node: on a machine that may choose it they are given the backend
 * that comes next.
 */
function synchronousBackend() {
  const { mayHaveGpu } = built('tensor/webgpu/adapter.js');
  if (!mayHaveGpu()) return {};
  const { status } = spawnSync(process.execPath, ['-e', "require('@tensorflow/tfjs-node-gpu')"], {
    cwd: root,
  });
  return { YOLOV1_BACKEND: status === 0 ? 'tensorflow' : 'wasm' };
}

await main(async () => {
  // Arguments name test files (or parts of their names): then only these run, and nothing is checked first.
  const wanted = process.argv.slice(2);
  await prepare();
  const { counted } = built('core/counted.js');
  const tests = (list, title, variables) =>
    step(`${title} (${counted(list.length, 'file')})`, () => runTests(list, variables));
  if (wanted.length === 0) {
    await step('Format and lint', () => runPackage(BIOME, ['check']));
    await step('Types', () => runPackage(TSC, ['-p', 'tsconfig.json']));
  }
  const files = testFiles().filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  );
  if (files.length === 0) {
    console.error(`No test file matches: ${wanted.join(' ')}`);
    throw new Failed(1);
  }
  const backends = (file) => AGAIN.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  const again = files.filter(backends);
  if (again.length > 0) {
    await tests(again, 'Tests on wasm', { YOLOV1_BACKEND: 'wasm' });
  }
  const all = again.filter((file) => backends(file) === 'all');
  if (all.length > 0 && existsSync(VULKAN_DRIVER)) {
    const variables = { VK_ICD_FILENAMES: VULKAN_DRIVER, LD_LIBRARY_PATH: VULKAN, YOLOV1_BACKEND: 'webgpu' };
    await tests(all, 'Tests on WebGPU in software', variables);
  } else if (all.length > 0) {
    console.log(`Tests on WebGPU are skipped: there is no ${VULKAN_DRIVER}; Debian's chromium brings it`);
  }
  await tests(files, 'Tests', synchronousBackend());
  console.log(`${total.pass} passed, ${total.fail} failed, ${total.skipped + total.todo} skipped`);
  if (total.fail > 0) throw new Failed(1);
});
