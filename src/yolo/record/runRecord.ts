import type { ExperimentEvaluation } from '../eval/run/evaluation';
import type { MemoryBudget } from '../memory/budget';
import type { PhasePeak, TimelinePoint } from '../memory/measure/meter';
import type { Trend } from '../memory/measure/trend';
import type { Phase } from '../memory/phases';
import type { BackendInfo } from '../tensor/backend';

/** Form of the record's files; raised when it changes so that an older reader refuses it. */
export const FORMAT = 1;

/** Files of a record. All but `memory` are there; older records have no `memory`. */
export const FILES = {
  record: 'record.json',
  metrics: 'metrics.jsonl',
  evaluation: 'evaluation.json',
  memory: 'memory.json',
} as const;

/** A data set as a record names it. */
export interface DataUsed {
  /** `VOC2012/train` and the like. */
  parts: string[];
  pictures: number;
  /** Hash of class names, id lists, annotations and the pictures' content. */
  fingerprint: string;
}

/** What a run was: enough to repeat it and to tell whether a result still belongs to a configuration. */
export interface RunRecord {
  format: number;
  name: string;
  /** Hash of config, data and weights: what the result is keyed by. */
  key: string;
  /** `smoke`, `mini` or `full`; numbers of different profiles never share a table without a label. */
  profile: string;
  config: object;
  data: { train: DataUsed; evaluate: DataUsed };
  weights: { source: string; fingerprint: string };
  /** Version of the library; provenance only. */
  code: string;
  backend: BackendInfo;
  /** Only of a run that was resumed on another one: all of them, in order. */
  backends?: BackendInfo[];
  /** ISO 8601, start of the run. */
  started: string;
  /** Wall-clock duration in seconds. */
  seconds: number;
  /** Hash of all the record's values, metrics and evaluation included. */
  hash: string;
}

/** One line of metrics.jsonl; numbers by name, `kind` tells steps from epochs. */
export interface MetricsLine {
  kind: 'step' | 'epoch';
  epoch: number;
  step: number;
  [name: string]: number | string;
}

/** What a training took, for its record; sizes in bytes. Of a resumed run, of its last session. */
export interface RunMemory {
  /** What was read, in words. */
  source: string;
  /** Null where none was given. */
  budget: MemoryBudget | null;
  /** Pictures that went through the network at once: at the first step, and at the last. */
  microBatch: { first: number; last: number };
  /** What was expected: with the network loaded, at the worst moment, and that with its margin. */
  estimate: { baseline: number; need: number; total: number };
  /** Reading with the network loaded. */
  baseline: number;
  /** Most by phase. */
  peaks: Partial<Record<Phase, PhasePeak>>;
  timeline: TimelinePoint[];
  /** What was said of it, in order: plan, warnings, what the guard did, what grew. */
  messages: string[];
  /** Whether it grew from step to step; null for a training too short to tell. */
  growth: MemoryGrowth | null;
}

/** What grew from step to step. */
export interface MemoryGrowth {
  /** Steps at which it was looked at. */
  samples: number;
  /** Kinds of tensors of which there were more and more, a line each. */
  tensors: string[];
  /** Of the readings. The first steps of a program raise it: only a long training tells. */
  memory: Trend;
}

/** A run's record with its results. */
export interface ExperimentResult {
  /** Folder of the record. */
  path: string;
  record: RunRecord;
  metrics: MetricsLine[];
  evaluation: ExperimentEvaluation;
  /** What training took; older records have none. */
  memory?: RunMemory;
}
