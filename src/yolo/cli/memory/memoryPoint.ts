import * as tf from '@tensorflow/tfjs';
import { VOC_CLASSES } from '../../data/classes';
import type { Batch } from '../../data/loader';
import { encodeGrid } from '../../grid/gridTarget';
import { yoloLoss } from '../../loss/yoloLoss';
import { type CalibrationCase, type CalibrationPoint, calibrationDetector } from '../../memory/calibration';
import { AllocationTracker } from '../../memory/measure/allocationTracker';
import { memoryProbe, takeLargest } from '../../memory/measure/probe';
import type { Detector } from '../../model/detector';
import { trainedPart } from '../../run/trainedPart';
import { initBackend } from '../../tensor/backend';
import { upload } from '../../tensor/upload';
import { Optimizer } from '../../train/optimizer';
import { Trainer } from '../../train/trainer';

// The program of one child process: trains a few steps on noise, and prints what memory that took.

/** Optimizer slots come with the first step; the allocator has settled after four. */
const STEPS = 5;
/** Batches that wait decoded while another is trained on, as in the loader. */
const AHEAD = 2;
/** Small enough for noise to be trained on without harm. */
const RATE = 1e-6;

/** Measure one case in this process, which must not have trained before. */
async function measure(of: CalibrationCase): Promise<CalibrationPoint> {
  const { device } = await initBackend();
  const tracker = new AllocationTracker().start();
  const detector = calibrationDetector(of);
  detector.initialise(0);
  await upload([...detector.parameters(), ...detector.statistics()].map(({ variable }) => variable));
  const probe = memoryProbe(device, tracker);
  const baseline = probe.read();
  const loaded = tracker.bytes;
  await train(detector, of);
  const peak = takeLargest(probe);
  return { ...of, baseline, peak, tensors: tracker.peak - loaded, steps: STEPS };
}

async function train(detector: Detector, of: CalibrationCase): Promise<void> {
  detector.backbone.recompute = of.recompute ?? false;
  const { trainable, batchNorm, optimizer: kind, batch, averages } = of;
  const rates = { learningRate: RATE, backboneLearningRate: RATE };
  const part = trainedPart(detector, { trainable, batchNorm, frozenPrefix: null, ...rates });
  const shape = trainable === 'all' ? detector.inputShape : detector.featureShape;
  const optimizer = new Optimizer({ kind, weightDecay: 5e-4 }, part.groups);
  const loss = yoloLoss();
  const { gridSize } = detector.spec;
  const object = { box: { left: 0.2, top: 0.3, right: 0.6, bottom: 0.8 }, classIndex: 0 };
  const targets = encodeGrid(Array(batch).fill([object]), { gridSize, classes: VOC_CLASSES.length });
  const trainer = new Trainer({
    ...part,
    optimizer,
    loss: (predictions) => loss(predictions, targets),
    batches: () => noise(batch, shape, trainable === 'all' ? AHEAD : 0),
    batchesPerEpoch: STEPS,
    epochs: 1,
    schedule: { kind: 'constant' },
    warmUpSteps: 0,
    clipNorm: 10,
    emaDecay: averages ? 0.998 : null,
    gradients: of.streamed ? 'streamed' : null,
    seed: 0,
  });
  for await (const _ of trainer.epoch(0)) {
    // Only the memory counts.
  }
}

async function* noise(batch: number, shape: readonly number[], ahead: number): AsyncGenerator<Batch> {
  const size = shape.reduce((product, n) => product * n, batch);
  const decode = () => {
    const pixels = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      pixels[i] = Math.sin(i * 12.9898);
    }
    return pixels;
  };
  const waiting = Array.from({ length: ahead }, decode);
  for (let step = 0; step < STEPS; step++) {
    waiting.push(decode());
    const pixels = waiting.shift()!;
    yield {
      keys: Array.from({ length: batch }, (_, i) => `noise ${i}`),
      images: tf.tensor(pixels, [batch, ...shape] as [number, number, number, number]),
      objects: Array(batch).fill([]),
    };
  }
}

void measure(JSON.parse(process.argv[2]) as CalibrationCase).then((point) => {
  process.stdout.write(`${JSON.stringify(point)}\n`, () => process.exit());
});
