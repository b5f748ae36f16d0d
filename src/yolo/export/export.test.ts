import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { ExperimentResult } from '../record/runRecord';
import { initBackend } from '../tensor/backend';
import { makeDetector, NETWORKS } from './fixtures/networks';
import { readMessage } from './fixtures/readMessage';
import { onnxModel } from './onnx';
import { Message } from './protobuf';
import { crc32c, tensorBoardEvents } from './tensorBoard';
import { tfjsModel } from './tfjsModel';
import { trace } from './trace';

/** Predictions for a picture, by head. */
const SHAPES = { convolutional: [2, 2, 12], fullyConnected: [1, 1, 12], decoupled: [20, 6] };

before(async () => {
  await initBackend();
});

for (const [name, spec] of Object.entries(NETWORKS)) {
  test(`${name} predicts the same as a graph model of TensorFlow.js, for any number of pictures`, async () => {
    const detector = makeDetector(spec);
    const held = tf.memory().numTensors;
    const traced = await trace((images) => detector.forward(images), detector.inputShape);
    assert.equal(tf.memory().numTensors, held, 'tracing leaves no tensor behind');
    const { json, weights } = tfjsModel(traced, {});
    const { modelTopology, weightsManifest } = json as {
      modelTopology: object;
      weightsManifest: [{ weights: tf.io.WeightsManifestEntry[] }];
    };
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest[0].weights,
        weightData: new Uint8Array(weights).buffer,
      }),
    );
    for (const pictures of [1, 3]) {
      const images = tf.randomNormal<tf.Rank.R4>([pictures, 64, 64, 3], 0, 1, 'float32', 5);
      const expected = detector.forward(images);
      const found = model.predict(images) as tf.Tensor;
      assert.deepEqual(found.shape, expected.shape);
      const wrong = tf.tidy(() => found.sub(expected).abs().max().dataSync()[0]);
      assert.ok(wrong < 1e-5, `differs by ${wrong}`);
      tf.dispose([images, expected, found]);
    }
    model.dispose();
    detector.dispose();
  });

  test(`${name} is written as ONNX with images and predictions of any number of pictures`, async () => {
    const detector = makeDetector(spec);
    const traced = await trace((images) => detector.forward(images), detector.inputShape);
    detector.dispose();
    const fields = readMessage(onnxModel(traced, { spec: 'as it is' }));
    assert.deepEqual(fields.get(1), [8]);
    const graph = readMessage(fields.get(7)![0] as Buffer);
    const [images, predictions] = [11, 12].map((field) => shapeOf(graph.get(field)![0] as Buffer));
    assert.deepEqual(images, ['images', 'batch', 3, 64, 64]);
    assert.deepEqual(predictions, ['predictions', 'batch', ...SHAPES[spec.head]]);
    const types = graph.get(1)!.map((node) => String(readMessage(node as Buffer).get(4)![0]));
    assert.equal(
      types.filter((type) => type === 'Conv').length,
      traced.kernels.filter(({ name: kernel }) => kernel === 'Conv2D').length,
    );
    // Axes are rearranged once, at the end or before what is dense, unless the head does so itself.
    const rearranged = types.filter((type) => type === 'Transpose').length;
    assert.equal(rearranged, spec.head === 'decoupled' ? 9 : 1);
    // Every name that a node reads is an input, a constant or the result of a node before it.
    const known = new Set([
      'images',
      ...graph.get(5)!.map((tensor) => String(readMessage(tensor as Buffer).get(8)![0])),
    ]);
    for (const bytes of graph.get(1)!) {
      const node = readMessage(bytes as Buffer);
      for (const input of node.get(1)!) assert.ok(known.has(String(input)), String(input));
      for (const output of node.get(2)!) known.add(String(output));
    }
    assert.ok(known.has('predictions'));
  });
}

test('metrics become an event file whose checks are right, a curve for each number', () => {
  const result = {
    record: { started: '2026-01-02T03:04:05Z', seconds: 10 },
    metrics: [
      { kind: 'step', epoch: 1, step: 1, loss: 2.5, note: 'text' },
      { kind: 'epoch', epoch: 1, step: 2, map: 0.25 },
    ],
  } as unknown as ExperimentResult;
  const file = tensorBoardEvents(result);
  const events: Map<number, (number | Buffer)[]>[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    assert.equal(file.readUInt32LE(at + 8), maskedCrc(file.subarray(at, at + 8)));
    const content = file.subarray(at + 12, at + 12 + length);
    assert.equal(file.readUInt32LE(at + 12 + length), maskedCrc(content));
    events.push(readMessage(content));
    at += 16 + length;
  }
  assert.equal(String(events[0].get(3)![0]), 'brain.Event:2');
  const curves = events.slice(1).map((event) => {
    const value = readMessage(readMessage(event.get(5)![0] as Buffer).get(1)![0] as Buffer);
    return [event.get(2)![0], String(value.get(1)![0]), value.get(2)![0]];
  });
  assert.deepEqual(curves, [
    [1, 'step/loss', 2.5],
    [2, 'epoch/map', 0.25],
  ]);
  assert.equal(events[2].get(1)![0], Date.parse('2026-01-02T03:04:15Z') / 1000);
});

test('the check of record files is CRC-32C', () => {
  // RFC 3720, appendix B.4: 32 bytes of zeros, and 0 to 31.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, place) => place)), 0x46dd794e);
});

test('large whole numbers keep all their digits in a message', () => {
  const value = 2 ** 40 + 5;
  assert.deepEqual(readMessage(new Message().integer(1, value).build()).get(1), [value]);
});

/** Name and axes of an input or output. */
function shapeOf(valueInfo: Buffer): (string | number)[] {
  const info = readMessage(valueInfo);
  const tensor = readMessage(readMessage(info.get(2)![0] as Buffer).get(1)![0] as Buffer);
  const axes = readMessage(tensor.get(2)![0] as Buffer).get(1)!;
  return [
    String(info.get(1)![0]),
    ...axes.map((axis) => {
      const fields = readMessage(axis as Buffer);
      return fields.has(1) ? (fields.get(1)![0] as number) : String(fields.get(2)![0]);
    }),
  ];
}

function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
