import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import type { Parameter, ParameterLayout, Statistic } from './layer';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors';

/** What a load did, by tensor name as the network calls it (`missing`) or the file does (the others). */
export interface LoadReport {
  /** Taken from the file. */
  taken: string[];
  /** In the file, not in the network (or not asked for). */
  left: string[];
  /** In the network, not in the file: they keep their values. */
  missing: string[];
}

/** Anything that has named tensors. */
export interface NamedTensors {
  parameters(): Parameter[];
  statistics(): Statistic[];
}

/**
 * Fill a network from a safetensors file in PyTorch's layout.
 *
 * Nothing is changed unless the whole file fits: shapes are checked first.
 *
 * @param network - Initialised network or part of one.
 * @param prefix - Put before the file's names to get the network's: `backbone.` for torchvision's ResNet18.
 * @param partial - Accept tensors of the network that the file lacks; default false.
 * @throws UserError if the file is damaged, lacks a tensor (unless `partial`), or has one of another shape.
 */
export async function loadWeights(
  path: string,
  network: NamedTensors,
  { prefix = '', partial = false }: { prefix?: string; partial?: boolean } = {},
): Promise<LoadReport> {
  const { tensors } = await readSafetensors(path);
  const wanted = namedTensors(network);
  const report: LoadReport = { taken: [], left: [], missing: [] };
  const found = new Map<Statistic, StoredTensor>();
  for (const entry of wanted) {
    const name = entry.name.startsWith(prefix) ? entry.name.slice(prefix.length) : undefined;
    const stored = name === undefined ? undefined : tensors.get(name);
    if (!stored) {
      report.missing.push(entry.name);
      continue;
    }
    const expected = fileShape(entry.variable.shape, entry.layout);
    if (String(stored.shape) !== String(expected)) {
      throw new UserError(
        `${path}: tensor ${name} has shape [${stored.shape.join(', ')}], expected [${expected.join(', ')}]; ` +
          'it is not a weights file of this network',
      );
    }
    found.set(entry, stored);
    report.taken.push(name!);
  }
  if (report.missing.length > 0 && !partial) {
    const names = report.missing.slice(0, 3).map((name) => name.slice(prefix.length));
    throw new UserError(
      `${path}: ${report.missing.length} of ${wanted.length} tensors are missing, first ${names.join(', ')}; ` +
        'it is not a complete weights file of this network',
    );
  }
  const taken = new Set(report.taken);
  report.left = [...tensors.keys()].filter((name) => !taken.has(name));
  for (const [entry, stored] of found) {
    tf.tidy(() => {
      entry.variable.assign(fromFile(stored, entry.layout));
    });
  }
  return report;
}

/**
 * Write a network's parameters and statistics under its own names, in PyTorch's layout, atomically.
 *
 * @returns SHA-256 of the file, in hexadecimal.
 */
export async function saveWeights(
  path: string,
  network: NamedTensors,
  metadata: Record<string, string> = {},
): Promise<string> {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, layout, variable } of namedTensors(network)) {
    const ordered = tf.tidy(() => toFile(variable, layout));
    tensors.set(name, { shape: ordered.shape, data: (await ordered.data()) as Float32Array });
    ordered.dispose();
  }
  return writeSafetensors(path, tensors, metadata);
}

/** Parameters and statistics in one list. */
function namedTensors(network: NamedTensors): Statistic[] {
  return [...network.parameters(), ...network.statistics()];
}

function fileShape(shape: number[], layout: ParameterLayout): number[] {
  switch (layout) {
    case 'convolution':
      return [shape[3], shape[2], shape[0], shape[1]];
    case 'dense':
      return [shape[1], shape[0]];
    default:
      return shape;
  }
}

function fromFile({ shape, data }: StoredTensor, layout: ParameterLayout): tf.Tensor {
  const stored = tf.tensor(data, shape);
  switch (layout) {
    case 'convolution':
      return stored.transpose([2, 3, 1, 0]);
    case 'dense':
      return stored.transpose();
    default:
      return stored;
  }
}

function toFile(value: tf.Tensor, layout: ParameterLayout): tf.Tensor {
  switch (layout) {
    case 'convolution':
      return value.transpose([3, 2, 0, 1]);
    case 'dense':
      return value.transpose();
    default:
      return value.clone();
  }
}
