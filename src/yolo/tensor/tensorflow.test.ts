import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { loadTensorFlow, nodeRefused, whyNotLoaded } from './tensorflow';

test('Node 20 and 22 may load native TensorFlow, Node 23 and 24 are refused by their version', () => {
  assert.equal(nodeRefused('20.19.0'), undefined);
  assert.equal(nodeRefused('22.11.0'), undefined);
  assert.match(
    nodeRefused('23.0.0') ?? '',
    /^Node 23\.0\.0 cannot load native TensorFlow .* use Node 20 or 22$/,
  );
  assert.match(nodeRefused('24.1.0') ?? '', /^Node 24\.1\.0 /);
});

test('an addon that is not there asks for the set-up', () => {
  assert.equal(
    whyNotLoaded('The Node.js native addon module (tfjs_binding.node) can not be found at path: x'),
    'native TensorFlow is not set up; run: npx yolov1 setup',
  );
});

test('an addon that does not load says why and asks for a new one', () => {
  assert.equal(
    whyNotLoaded('libtensorflow_cc.so.2: cannot open shared object file'),
    'native TensorFlow does not load (libtensorflow_cc.so.2: cannot open shared object file); run: npx yolov1 setup --force',
  );
});

test('native TensorFlow computes without a warning of Node', async (context) => {
  try {
    loadTensorFlow();
  } catch (error) {
    context.skip(`native TensorFlow does not load: ${(error as Error).message}`);
    return;
  }
  const warnings: string[] = [];
  const hear = ({ message }: Error) => void warnings.push(message);
  process.on('warning', hear);
  // Its attributes are what tfjs-node asks deprecated functions about.
  tf.tidy(() => tf.conv2d(tf.zeros<tf.Rank.R4>([1, 4, 4, 1]), tf.zeros<tf.Rank.R4>([3, 3, 1, 1]), 1, 'same'));
  await setImmediate();
  process.off('warning', hear);
  assert.deepEqual(warnings, []);
});
