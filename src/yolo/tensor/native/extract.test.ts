import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { UserError } from '../../core/errors';
import { extract } from './extract';
import { run } from './program';
import { fileSizes } from './stage';
import { findProgram } from './tools';

const python = findProgram(['python3']) ?? '';
const skip = python === '' && 'there is no python3';

let folder: string;
let wheel: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'extract-'));
  wheel = join(folder, 'wheel.whl');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function makeWheel(files: Record<string, string>): Promise<void> {
  const script =
    'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z: [z.writestr(*f) for f in json.loads(sys.argv[2]).items()]';
  await run(python, ['-c', script, wheel, JSON.stringify(files)], {});
}

test('of TensorFlow the libraries and the headers that are needed are taken, no more', { skip }, async () => {
  await makeWheel({
    'tensorflow/libtensorflow_cc.so.2': 'cc',
    'tensorflow/libtensorflow_framework.so.2': 'framework',
    'tensorflow/python/_pywrap_tfe.so': 'unneeded',
    'tensorflow/include/tensorflow/c/c_api.h': '#include <stdint.h>\n#include "tensorflow/c/tf_status.h"\n',
    'tensorflow/include/tensorflow/c/tf_status.h': '#include "tsl/status.h"\n',
    'tensorflow/include/tsl/status.h': '#include "tensorflow/c/c_api.h"\n',
    'tensorflow/include/tensorflow/core/graph.h': '',
  });
  await extract(python, wheel, join(folder, 'out'));
  assert.deepEqual(Object.keys(fileSizes(join(folder, 'out'))).sort(), [
    'include/tensorflow/c/c_api.h',
    'include/tensorflow/c/tf_status.h',
    'include/tsl/status.h',
    'lib/libtensorflow_cc.so.2',
    'lib/libtensorflow_framework.so.2',
  ]);
});

test("of Apple's wheel the libraries are taken by their names there", { skip }, async () => {
  await makeWheel({
    'tensorflow/libtensorflow_cc.2.dylib': 'cc',
    'tensorflow/libtensorflow_framework.2.dylib': 'framework',
    'tensorflow/python/_pywrap_tfe.so': 'unneeded',
  });
  await extract(python, wheel, join(folder, 'out'));
  assert.deepEqual(Object.keys(fileSizes(join(folder, 'out'))).sort(), [
    'lib/libtensorflow_cc.2.dylib',
    'lib/libtensorflow_framework.2.dylib',
  ]);
});

test("of NVIDIA's wheels the libraries keep their place beside each other", { skip }, async () => {
  await makeWheel({
    'nvidia/cublas/lib/libcublas.so.12': 'cublas',
    'nvidia/cublas/lib/__init__.py': '',
    'nvidia/cublas/include/cublas.h': '',
    'nvidia/cuda_nvcc/bin/ptxas': 'assembler',
    'nvidia/cuda_nvcc/bin/cudafe++': '',
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': 'code',
  });
  await extract(python, wheel, join(folder, 'out'));
  assert.deepEqual(Object.keys(fileSizes(join(folder, 'out'))).sort(), [
    'nvidia/cublas/lib/libcublas.so.12',
    'nvidia/cuda_nvcc/bin/ptxas',
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
  ]);
});

test('a wheel without libraries and a file that is no wheel are refused', { skip }, async () => {
  await makeWheel({ 'readme.txt': '' });
  await assert.rejects(extract(python, wheel, join(folder, 'out')), /wheel\.whl holds no library/);
  writeFileSync(wheel, 'not a zip file');
  await assert.rejects(
    extract(python, wheel, join(folder, 'out')),
    (error) => error instanceof UserError && /BadZipFile/.test(error.message),
  );
});
