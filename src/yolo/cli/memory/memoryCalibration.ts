import { mkdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { messageOf, UserError } from '../../core/errors';
import { version } from '../../core/version';
import { writeWholeFile } from '../../core/wholeFile';
import type { CalibrationCase, CalibrationPoint, CalibrationRecord } from '../../memory/calibration';
import { MeasuringProcess } from '../../memory/measure/measuringProcess';
import { initBackend } from '../../tensor/backend';

/** Niceness of the measuring processes: what they take in time does not matter. */
const NICE = 10;

/** The original's training: Adam, everything trained, BatchNorm on batch statistics. */
const ORIGINAL = {
  head: 'fullyConnected',
  optimizer: 'adam',
  trainable: 'all',
  batchNorm: 'batch',
  averages: false,
} as const;

/** The cases that are measured: both networks at both sizes by batch, then one variation at a time. */
export const CALIBRATION_CASES: readonly CalibrationCase[] = [
  ...(['baseline', 'resnet18'] as const).flatMap((backbone) =>
    [224, 448].flatMap((inputSize) =>
      [1, 2, 4, 8, 16].map((batch) => ({ ...ORIGINAL, backbone, inputSize, batch })),
    ),
  ),
  { ...ORIGINAL, backbone: 'resnet18', inputSize: 448, batch: 4, batchNorm: 'constant' },
  { ...ORIGINAL, backbone: 'resnet18', inputSize: 448, batch: 4, batchNorm: 'frozen', averages: true },
  { ...ORIGINAL, backbone: 'resnet18', inputSize: 448, batch: 4, optimizer: 'sgd' },
  { ...ORIGINAL, backbone: 'resnet18', inputSize: 448, batch: 8, head: 'convolutional', optimizer: 'adamw' },
  {
    ...ORIGINAL,
    backbone: 'resnet18',
    inputSize: 448,
    batch: 8,
    head: 'convolutional',
    batchNorm: 'constant',
  },
  { ...ORIGINAL, backbone: 'baseline', inputSize: 448, batch: 8, head: 'convolutional', averages: true },
];

/**
 * Measure cases one after the other, each in a process of its own, so that no point sees another's leftovers.
 *
 * @param onPoint - Called after each.
 * @throws UserError if a process dies, as it does when memory runs out.
 */
export async function calibrate(
  cases: readonly CalibrationCase[],
  onPoint: (point: CalibrationPoint) => void = () => {},
): Promise<CalibrationRecord> {
  const { name, version: backendVersion, device, cores } = await initBackend();
  const points: CalibrationPoint[] = [];
  for (const of of cases) {
    points.push(await measureAside(of));
    onPoint(points.at(-1)!);
  }
  return {
    format: 1,
    measured: new Date().toISOString(),
    backend: { name, version: backendVersion, device, cores },
    node: process.versions.node,
    code: version,
    points,
  };
}

/** Write a record, whole or not at all. */
export async function writeCalibration(file: string, record: CalibrationRecord): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  await writeWholeFile(file, `${JSON.stringify(record, null, 2)}\n`);
}

async function measureAside(of: CalibrationCase): Promise<CalibrationPoint> {
  // Beside this file: JavaScript in the built package, TypeScript in tests, where the process needs its loader too.
  const ending = extname(__filename);
  const loader = ending === '.ts' ? ['--require', 'tsx/cjs'] : [];
  const program = [process.execPath, ...loader, join(__dirname, `memoryPoint${ending}`)];
  try {
    return await new MeasuringProcess([...program, JSON.stringify(of)], { nice: NICE }).answer();
  } catch (error) {
    const { backbone, inputSize, batch } = of;
    throw new UserError(
      `calibration of ${backbone} at ${inputSize}, batch ${batch}: ${messageOf(error)}; ` +
        'give the machine more free memory, or leave out large batches with --largest',
    );
  }
}
