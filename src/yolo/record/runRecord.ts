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
  /** Id lists, such as `VOC2012/train`. */
  parts: string[];
  /** Pictures of all of them, those that are held out included. */
  pictures: number;
  /** Hash of class names, id lists, annotations and the pictures' content. */
  fingerprint: string;
}

/** What a run was: enough to repeat it and to tell whether a result still belongs to a configuration. */
export interface RunRecord {
  /** Form of the record's files, 1. */
  format: number;
  /** Name of the run, as configured. */
  name: string;
  /** Hash of config, data and weights: what the result is keyed by. */
  key: string;
  /** `smoke`, `short`, `mini` or `full`; numbers of different profiles never share a table without a label. */
  profile: string;
  /** The `ExperimentConfig` with every field that the library had then. */
  config: object;
  data: {
    /** What was trained on. */
    train: DataUsed;
    /** What was evaluated on. */
    evaluate: DataUsed;
  };
  /** Weights before the first step. */
  weights: {
    /** Name of the backbone's file, or `random`; and the run that this one started from, if any. */
    source: string;
    /** SHA-256 of that file, or `random` and the seed; a hash with that run's key where there is one. */
    fingerprint: string;
  };
  /** Version of the library; provenance only. */
  code: string;
  /** What computed it; of several, the last one. */
  backend: BackendInfo;
  /** Only of a run that was resumed on another backend: all of them, in order. */
  backends?: BackendInfo[];
  /** ISO 8601, start of the run. */
  started: string;
  /** Seconds of work on it, over all sittings. */
  seconds: number;
  /** Hash of all the record's values, metrics and evaluation included. */
  hash: string;
}

/**
 * One line of metrics.jsonl. Of a step: `loss`, each of its parts by name, `gradientNorm`, `factor` and what it cost
 * (`seconds`, `waited`, `tensors`, `residentMiB`). Of an epoch: the means of loss and parts over its steps, and `map`
 * where it was evaluated.
 */
export interface MetricsLine {
  kind: 'step' | 'epoch';
  /** From 1. */
  epoch: number;
  /** Updates done: of an epoch, at its end. */
  step: number;
  [name: string]: number | string;
}

/** What a training took, for its record; sizes in bytes. Of a resumed run, of its last session. */
export interface RunMemory {
  /** What the readings are of, in words, such as `resident size of the process`. */
  source: string;
  /** What it was allowed to take. Null where no budget was given. */
  budget: MemoryBudget | null;
  /** Pictures that went through the network at once. */
  microBatch: {
    /** At the first step. */
    first: number;
    /** At the last step. */
    last: number;
  };
  /** What was expected. */
  estimate: {
    /** With the network loaded. */
    baseline: number;
    /** At the worst moment. */
    need: number;
    /** At the worst moment, with a margin. */
    total: number;
  };
  /** Reading with the network loaded. */
  baseline: number;
  /** Largest readings by phase. */
  peaks: Partial<Record<Phase, PhasePeak>>;
  /** Readings over time. */
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
  /**
   * Trend of the readings in bytes: `first`, `last`, `perSample` (the median slope of all pairs, Theil and Sen) and
   * `rising`, whether they rise beyond chance and by more than 1 %. The first steps of a program raise them: only a
   * long training tells.
   */
  memory: Trend;
}

/** A run's record with its results. */
export interface ExperimentResult {
  /** Folder of the record. */
  path: string;
  /** What the run was. */
  record: RunRecord;
  /** A line for each step and each epoch, in order. */
  metrics: MetricsLine[];
  /** mAP after the epochs that were evaluated, and everything that was found of the network that counts. */
  evaluation: ExperimentEvaluation;
  /** What training took; older records have none. */
  memory?: RunMemory;
}
