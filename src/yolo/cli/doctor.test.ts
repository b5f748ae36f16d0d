import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advice, type Diagnosis } from './diagnosis';
import { describe } from './doctor';

const healthy: Diagnosis = {
  node: '20.20.2',
  platform: { os: 'linux', architecture: 'x64', glibc: '2.36', avx: true, kernel: '6.1.0' },
  tools: { python: '/usr/bin/python3', compiler: '/usr/bin/g++', make: '/usr/bin/make' },
  backend: { name: 'tensorflow', version: '2.21.0', device: 'cpu', cores: 2, note: '' },
  gpus: [],
  cores: 2,
  memory: 16e9,
  cache: { folder: '/cache', bytes: 854e6 },
  data: {
    folder: '/data',
    years: [{ folder: '/data/VOC2012', lists: { train: 425, val: 392 }, pictures: 817 }],
  },
  weights: { folder: '/weights', files: ['resnet18.safetensors'] },
  detector: { name: 'yolov1-resnet18', classes: 20 },
};
const wasm = { name: 'wasm', version: '4.22.0', device: 'cpu', cores: 1 } as const;

test('a machine that has everything needs no advice', () => {
  assert.deepEqual(advice(healthy), []);
  const text = describe(healthy, []);
  assert.match(text, /^Node {13}20\.20\.2$/m);
  assert.match(text, /^ +\/data\/VOC2012: train 425, val 392; 817 pictures$/m);
  assert.match(text, /^cache {12}0\.9 GB in \/cache$/m);
  assert.match(text, /^detector {9}yolov1-resnet18, 20 classes$/m);
  assert.match(text, /Nothing is lacking\.\n$/);
});

test('the budget of a training is told with its source, and one that is no size with what to do', () => {
  const found = { ...healthy, budget: { bytes: 6e9, source: 'YOLOV1_MEMORY' } };
  assert.match(describe(found, []), /^memory budget {4}6\.0 GB \(YOLOV1_MEMORY\)$/m);
  const error = "YOLOV1_MEMORY is 'lots', expected a size such as 6GB, 5.5GiB or 800MB";
  assert.deepEqual(advice({ ...healthy, budget: { error } }), [error]);
});

test('missing data and weights say how to get them', () => {
  const found = { ...healthy, data: { folder: '/d', years: [] }, weights: { folder: '/w', files: [] } };
  const [data, weights, ...rest] = advice(found);
  assert.match(data ?? '', /^no VOC data in \/d: npx yolov1 data fetch voc2012, or set YOLOV1_DATA/);
  assert.match(weights ?? '', /^no weights in \/w: npx yolov1 weights fetch resnet18, or set YOLOV1_WEIGHTS/);
  assert.deepEqual(rest, []);
  assert.match(describe(found, advice(found)), /To do:\n- no VOC data/);
});

test('a detector that is missing or damaged is told with what to do', () => {
  const error = '/models/yolov1-resnet18: the detector of the package is missing; give a network of your own';
  const found = { ...healthy, detector: { error } };
  assert.deepEqual(advice(found), [error]);
  assert.match(describe(found, [error]), /^detector {9}-$/m);
});

test('on wasm the reason comes first', () => {
  const note = 'native TensorFlow is not set up; run: npx yolov1 setup';
  assert.deepEqual(advice({ ...healthy, backend: { ...wasm, note } }), [note]);
  const bare = advice({ ...healthy, backend: { ...wasm, note }, tools: { python: '/usr/bin/python3' } });
  assert.match(bare[0] ?? '', /needs a C\+\+ compiler, make: not found/);
  assert.match(
    advice({ ...healthy, backend: { ...wasm, note }, node: '24.0.0' })[0] ?? '',
    /use Node 20 or 22/,
  );
});

test('a backend that was forced is not to be repaired', () => {
  const forced = { ...healthy, backend: { ...wasm, note: 'YOLOV1_BACKEND=wasm' }, forced: 'wasm' } as const;
  assert.deepEqual(advice(forced), ['YOLOV1_BACKEND=wasm forces the slow backend: unset it']);
});

test('a GPU that is not used is pointed out', () => {
  assert.deepEqual(advice({ ...healthy, gpus: ['NVIDIA T4'] }), [
    'TensorFlow computes on the processor though there is a GPU (NVIDIA T4): npx yolov1 setup',
  ]);
});

test('what WebGPU offers is told, and software that is forced is no way to compute', () => {
  const backend = { name: 'webgpu', version: '4.22.0', device: 'webgpu', cores: 1, note: 'M2' } as const;
  const found = { ...healthy, backend, webgpu: { name: 'M2', software: false } };
  assert.deepEqual(advice(found), []);
  assert.match(describe(found, []), /^WebGPU {11}M2$/m);
  assert.match(describe(healthy, []), /^WebGPU {11}-$/m);
  const software = { ...found, forced: 'webgpu', webgpu: { name: 'SwiftShader', software: true } } as const;
  assert.match(describe(software, []), /^WebGPU {11}SwiftShader \(software\)$/m);
  assert.match(advice(software)[0], /^YOLOV1_BACKEND=webgpu forces SwiftShader, software/);
  const error = 'YOLOV1_BACKEND=webgpu: WebGPU finds no graphics processor';
  assert.deepEqual(advice({ ...healthy, backend: { error }, forced: 'webgpu', webgpu: { error } }), [error]);
});

test('a limit of the control group is shown beside the memory of the machine', () => {
  assert.match(
    describe({ ...healthy, memoryLimit: 4e9 }, []),
    /^memory {11}4\.0 GB \(limit of the control group; the machine has 16\.0 GB\)$/m,
  );
});
