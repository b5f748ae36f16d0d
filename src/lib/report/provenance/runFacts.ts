import { escapeMarkup } from '../../chart/escapeMarkup';
import type { StoredData, StoredRun } from '../read/storedRun';

/** What is told of a run, each as a term and HTML. */
export function runFacts(run: StoredRun): [term: string, html: string][] {
  const { profile, config, data, weights, backend } = run;
  const machine = `${backend.name} ${backend.version} on ${backend.device}, ${backend.cores} ${backend.cores === 1 ? 'core' : 'cores'}`;
  return [
    ['Profile', escapeMarkup(profile)],
    ['Seed', escapeMarkup(String(config.seed ?? 'not in the record'))],
    ['Trained on', dataWords(data.train)],
    ['Evaluated on', dataWords(data.evaluate)],
    ['Weights at the start', `${escapeMarkup(weights.source)} ${hashHtml(weights.fingerprint)}`],
    ['Code', escapeMarkup(`yolov1 ${run.code}`)],
    ['Backend', escapeMarkup(machine)],
    ['Started', `${escapeMarkup(new Date(run.started).toISOString().slice(0, 16).replace('T', ' '))} UTC`],
    ['Took', duration(run.seconds)],
  ];
}

function dataWords({ parts, pictures, fingerprint }: StoredData): string {
  return `${escapeMarkup(parts.join(', '))}: ${pictures} pictures ${hashHtml(fingerprint)}`;
}

/** A fingerprint as HTML. */
export function hashHtml(fingerprint: string): string {
  return `<code class="hash">${escapeMarkup(fingerprint)}</code>`;
}

/** Whole seconds as a reader says them: `2 h 3 min`, `14 min 39 s`, `45 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/**
 * What of their configurations tells runs apart: of each the fields whose values are not the same in all, as
 * `loss.kind writeUp`. Left out is what {@link runFacts} tells.
 */
export function configDifferences(runs: readonly StoredRun[]): string[][] {
  const leaves = runs.map(({ config }) => new Map(leavesOf(config, '')));
  const names = [...new Set(leaves.flatMap((map) => [...map.keys()]))].filter((name) => !TOLD.has(name));
  const differing = names.filter((name) => new Set(leaves.map((map) => map.get(name))).size > 1);
  return leaves.map((map) => {
    const words = differing.map((name) => (map.has(name) ? `${name} ${map.get(name)}` : missing(name, map)));
    return [...new Set(words.flatMap((one) => one ?? []))];
  });
}

/**
 * Says that a configuration lacks a field, by the beginning of its path under which there is nothing: `views unset` for
 * `views.flip`. Undefined where the beginning has a value of its own, which says so, or where there are other fields in it.
 */
function missing(name: string, leaves: ReadonlyMap<string, string>): string | undefined {
  const parts = name.split('.');
  const beginnings = parts.map((_, k) => parts.slice(0, k + 1).join('.'));
  if (beginnings.some((start) => leaves.has(start))) return undefined;
  const empty = beginnings.find((start) => ![...leaves.keys()].some((leaf) => leaf.startsWith(`${start}.`)));
  return empty && `${empty} unset`;
}

/** Fields of a configuration that are told in other words. */
const TOLD = new Set(['name', 'profile', 'seed', 'train', 'evaluate', 'backboneWeights']);

function leavesOf(value: unknown, path: string): [name: string, words: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path ? `${path}.${key}` : key));
}
