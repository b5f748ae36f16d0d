import * as v from 'valibot';
import { COUNT, checkArguments, isObject, listOf, record, TEXT } from '../../core/arguments';
import { textTable } from '../../core/textTable';
import { formatBytes } from '../bytes';
import { PARTS, type Part, PHASES } from '../phases';
import type { MemoryEstimate } from './estimate';

/** Names of the parts in a table. */
export const PART_NAMES: Readonly<Record<Part, string>> = {
  runtime: 'program and libraries',
  parameters: 'parameters, running statistics',
  optimizer: 'optimizer slots',
  averages: 'averaged weights',
  pictures: 'pictures',
  gradients: 'gradients of parameters',
  activations: 'activations kept',
  workspace: 'temporary tensors',
  allocator: 'allocator, kernels',
};

const NUMBER = v.number('a number');
const ESTIMATE = record('an estimate', {
  phases: record('figures by phase', Object.fromEntries(PHASES.map((phase) => [phase, record('figures')]))),
  ...{
    worst: TEXT,
    margin: NUMBER,
    total: NUMBER,
    batch: COUNT,
    layers: listOf('a list of layers', isObject),
  },
});

/**
 * An estimate as a plain text table: what takes memory, by phase; parts that are 0 everywhere are left out.
 *
 * @throws UserError for anything but an estimate.
 */
export function formatEstimate(estimate: MemoryEstimate): string {
  checkArguments('formatEstimate', { estimate }, { estimate: ESTIMATE });
  const { phases, worst, margin, total } = estimate;
  const rows = PARTS.filter((part) => PHASES.some((phase) => phases[phase][part] > 0)).map((part) => [
    PART_NAMES[part],
    ...PHASES.map((phase) => (phases[phase][part] > 0 ? formatBytes(phases[phase][part]) : '-')),
  ]);
  const sums = ['together', ...PHASES.map((phase) => formatBytes(phases[phase].total))];
  return (
    `${textTable([['', ...PHASES], ...rows, sums]).join('\n')}\n` +
    `Most in the phase '${worst}'; with a margin of ${formatBytes(margin)}: ${formatBytes(total)}` +
    `${estimate.measured ? '' : ' (an estimate: not measured on this kind of device)'}`
  );
}

/**
 * Table of what each layer keeps for the backward pass, as plain text.
 *
 * @throws UserError for anything but an estimate.
 */
export function formatLayers(estimate: MemoryEstimate): string {
  checkArguments('formatLayers', { estimate }, { estimate: ESTIMATE });
  const { layers, batch } = estimate;
  const rows = layers.map(({ name, type, parameters, kept }) => [
    name,
    type,
    parameters.toLocaleString('en-US'),
    kept > 0 ? formatBytes(kept) : '-',
  ]);
  return textTable([['layer', 'operations', 'parameters', `kept, batch ${batch}`], ...rows], 2).join('\n');
}
