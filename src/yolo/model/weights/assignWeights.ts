import * as tf from '@tensorflow/tfjs';
import { FUNCTION, record } from '../../core/arguments';
import { UserError } from '../../core/errors';
import type { Parameter, ParameterLayout, Statistic } from '../layers/layer';
import type { StoredTensor } from './parseSafetensors';

/** Outcome of a load, by tensor name as the network calls it (`missing`) or the file does (the others). */
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

export const NAMED_TENSORS = record('a network or a part of one', {
  ...{ parameters: FUNCTION, statistics: FUNCTION },
});

/** Options of {@link assignWeights}. */
export interface AssignOptions {
  /** Put before the file's names to get the network's: `backbone.` for torchvision's ResNet18. Default none. */
  prefix?: string;
  /** Accept tensors of the network that the file lacks; default false. */
  partial?: boolean;
}

/** Our axes in the order that PyTorch has them, where it is another. */
export const FILE_ORDER: Readonly<Partial<Record<ParameterLayout, number[]>>> = {
  convolution: [3, 2, 0, 1],
  dense: [1, 0],
};

/**
 * Fill a network with tensors in PyTorch's layout.
 *
 * Nothing is changed unless all of them fit: shapes are checked first.
 *
 * @param tensors - By name, as a file has them.
 * @param path - What errors call the file.
 * @param network - Initialised network or part of one.
 * @throws UserError if a tensor is missing (unless `partial`), or one has another shape.
 */
export function assignWeights(
  tensors: ReadonlyMap<string, StoredTensor>,
  path: string,
  network: NamedTensors,
  { prefix = '', partial = false }: AssignOptions = {},
): LoadReport {
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
    const { shape } = entry.variable;
    const expected = FILE_ORDER[entry.layout]?.map((axis) => shape[axis]) ?? shape;
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

/** Parameters and statistics in one list. */
export function namedTensors(network: NamedTensors): Statistic[] {
  return [...network.parameters(), ...network.statistics()];
}

function fromFile({ shape, data }: StoredTensor, layout: ParameterLayout): tf.Tensor {
  const stored = tf.tensor(data, shape);
  const order = FILE_ORDER[layout];
  return order ? stored.transpose(order.map((_, axis) => order.indexOf(axis))) : stored;
}
