import { counted } from 'yolov1/form';
import {
  configDifferences,
  type DataUsed,
  describeBackend,
  durationInWords,
  type ExperimentResult,
} from 'yolov1/record';
import { escapeMarkup } from '../../chart/escapeMarkup';

/** What is told of a run, each as a term and HTML. */
export function runFacts({ record }: ExperimentResult): [term: string, html: string][] {
  const { profile, config, data, weights, backend, code, started, seconds } = record;
  const machine = `${describeBackend(backend)}, ${backend.cores} ${backend.cores === 1 ? 'core' : 'cores'}`;
  return [
    ['Profile', escapeMarkup(profile)],
    ['Seed', escapeMarkup(String('seed' in config ? config.seed : 'not in the record'))],
    ['Trained on', dataWords(data.train)],
    ['Evaluated on', dataWords(data.evaluate)],
    ['Weights at the start', `${escapeMarkup(weights.source)} ${hashHtml(weights.fingerprint)}`],
    ['Code', escapeMarkup(`yolov1 ${code}`)],
    ['Backend', escapeMarkup(machine)],
    ['Started', `${escapeMarkup(new Date(started).toISOString().slice(0, 16).replace('T', ' '))} UTC`],
    ['Took', durationInWords(seconds)],
  ];
}

function dataWords({ parts, pictures, fingerprint }: DataUsed): string {
  return `${escapeMarkup(parts.join(', '))}: ${counted(pictures, 'picture')} ${hashHtml(fingerprint)}`;
}

/** A fingerprint as HTML. */
export function hashHtml(fingerprint: string): string {
  return `<code class="hash">${escapeMarkup(fingerprint)}</code>`;
}

/**
 * What of their configurations tells runs apart: of each the fields whose values are not the same in all, as
 * `loss.kind original`. Left out is what {@link runFacts} tells.
 */
export function differencesOf(runs: readonly ExperimentResult[]): string[][] {
  const differences = configDifferences(runs.map(({ record }) => record.config)).filter(
    ({ field }) => !TOLD.has(field),
  );
  return runs.map((_, k) => differences.map(({ field, values }) => `${field} ${words(values[k])}`));
}

function words(value: unknown): string {
  if (value === undefined) return 'unset';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Fields of a configuration that are told in other words. */
const TOLD = new Set(['name', 'profile', 'seed', 'train', 'evaluate', 'backboneWeights']);
