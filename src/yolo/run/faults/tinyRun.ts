import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dataset, loadDataset } from '../../data/dataset';
import { findSource } from '../../data/findDevkits';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import type { ExperimentEvaluation } from '../../eval/run/evaluation';
import { Detector } from '../../model/detector';
import { ConvBlock } from '../../model/layers/convBlock';
import { MaxPool } from '../../model/layers/maxPool';
import { Sequential } from '../../model/layers/sequential';
import { readSafetensors } from '../../model/weights/safetensors';
import { findRunRecord } from '../../record/readRunRecord';
import { runKey } from '../../record/runKey';
import type { MetricsLine } from '../../record/runRecord';
import { type BackendInfo, initBackend } from '../../tensor/backend';
import { resolveConfig } from '../config/config';
import type { ExperimentEvents } from '../events';
import { trainExperiment } from '../experiment';
import { experimentOf } from '../fixtures/experimentOf';
import { SCENES_RUN } from '../fixtures/scenesRun';
import { type Checkpoint, readLatestCheckpoint } from '../workdir/checkpoint';

/** A head on features, with dropout, averages, random views and moments: everything that a resume must restore. */
const CONFIG = resolveConfig({
  ...SCENES_RUN,
  epochs: 3,
  batchSize: 2,
  evaluateAfter: [1],
  views: { flip: true, crops: 0 },
});

const DATA = 'data';
const WEIGHTS = { source: 'random', fingerprint: 'random 0' };
/** What a line of metrics says of costs; everything else in it is the same in every run. */
const COSTS = ['seconds', 'waited', 'tensors', 'residentMiB'];

/** What a run leaves that must not depend on what happened on the way. */
export interface Outcome {
  metrics: Record<string, unknown>[];
  evaluation: ExperimentEvaluation;
  weights: ReadonlyMap<string, Float32Array>;
}

/** How one session of a run goes. */
export interface Session extends ExperimentEvents {
  signal?: AbortSignal;
  /** Hears of every detector before it is trained. */
  onDetector?(detector: Detector): void;
}

/**
 * Whole runs in a tenth of a second: what `runExperiment` does, with a backbone of one convolution in place of one that
 * takes a second to make. Each place has a cache, a run directory and records of its own.
 */
export class TinyRun {
  readonly key: string;

  private constructor(
    readonly folder: string,
    private readonly backend: BackendInfo,
    private readonly train: Dataset,
    private readonly evaluate: Dataset,
  ) {
    this.key = runKey(CONFIG, this.dataUsed(), WEIGHTS);
  }

  /** @param parent - Folder on the file system to run on. Default: the system's folder for temporary files. */
  static async prepare(parent = tmpdir()): Promise<TinyRun> {
    const backend = await initBackend();
    const folder = await mkdtemp(join(parent, 'tiny-run-'));
    const dataFolder = join(folder, DATA);
    await writeScenesDevkit(dataFolder, { train: 4, val: 2 });
    const load = (list: string) => loadDataset([findSource(list, { dataFolder })]);
    return new TinyRun(folder, backend, await load('Scenes/train'), await load('Scenes/val'));
  }

  /** Where everything of one run lies. */
  place(name: string) {
    const root = join(this.folder, 'places', name);
    return {
      root,
      records: join(root, 'records'),
      run: join(root, 'runs', CONFIG.name),
      cache: join(root, 'cache'),
      features: join(root, 'cache', 'features'),
      checkpoints: join(root, 'runs', CONFIG.name, 'checkpoints'),
    };
  }

  /** One session: to the record that is there, or to the end, or to whatever ends it. */
  async run(name: string, session: Session = {}): Promise<void> {
    const { root, records, cache } = this.place(name);
    if (await findRunRecord(records, CONFIG.name, this.key)) return;
    const before = process.env.YOLOV1_CACHE;
    process.env.YOLOV1_CACHE = cache;
    const detector = this.makeDetector();
    const { onDetector, ...options } = session;
    onDetector?.(detector);
    const { backend, train, evaluate } = this;
    try {
      const experiment = experimentOf({
        config: CONFIG,
        detector,
        backend,
        train,
        evaluate,
        weights: WEIGHTS,
      });
      await trainExperiment(experiment, { ...options, results: records, workdir: join(root, 'runs') });
    } finally {
      detector.dispose();
      if (before === undefined) delete process.env.YOLOV1_CACHE;
      else process.env.YOLOV1_CACHE = before;
    }
  }

  /** What a finished run has found; also makes sure that it left what it should and nothing else. */
  async outcome(name: string): Promise<Outcome> {
    const { records, run, features } = this.place(name);
    const result = await findRunRecord(records, CONFIG.name, this.key);
    assert.ok(result, 'no record');
    assert.deepEqual(await readdir(records), [CONFIG.name]);
    const files = (await readdir(run)).sort();
    assert.deepEqual(
      // These two where they could not be removed in the end; both are taken over by the next run of this name.
      files.filter((file) => file !== 'checkpoints' && file !== 'lock'),
      ['detector.json', 'metrics.jsonl', 'run.json', 'weights.safetensors'],
    );
    assert.equal((await readdir(features)).length, 4);
    const { tensors } = await readSafetensors(join(run, 'weights.safetensors'));
    return {
      metrics: result.metrics.map(withoutCosts),
      evaluation: result.evaluation,
      weights: new Map([...tensors].map(([tensor, { data }]) => [tensor, data])),
    };
  }

  /** Whether there is a record. */
  async isFinished(name: string): Promise<boolean> {
    return (await findRunRecord(this.place(name).records, CONFIG.name, this.key)) !== undefined;
  }

  /** What a run would go on from. */
  newestCheckpoint(name: string): Promise<Checkpoint | undefined> {
    return readLatestCheckpoint(this.place(name).checkpoints, this.key);
  }

  remove(name: string): Promise<void> {
    return rm(this.place(name).root, { recursive: true, force: true });
  }

  dispose(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private makeDetector(): Detector {
    const detector = new Detector({ ...CONFIG.model, classes: this.train.classes });
    const backbone = new Sequential([
      new MaxPool({ name: 'backbone.pool', size: 32, stride: 32 }),
      new ConvBlock({ name: 'backbone.conv', filters: 8, kernel: 1, norm: 'batch', activation: 'leaky' }),
    ]);
    Object.defineProperty(detector, 'backbone', { value: backbone });
    detector.initialise(CONFIG.seed);
    return detector;
  }

  private dataUsed() {
    const used = ({ items, fingerprint }: Dataset) => ({ parts: [], pictures: items.length, fingerprint });
    return { train: used(this.train), evaluate: used(this.evaluate) };
  }
}

/** @throws AssertionError if a run ended otherwise than another: in any line of metrics, any result, any weight. */
export function assertSame(actual: Outcome, expected: Outcome): void {
  assert.deepEqual(actual.metrics, expected.metrics);
  assert.deepEqual(actual.evaluation, expected.evaluation);
  assert.deepEqual([...actual.weights.keys()], [...expected.weights.keys()]);
  for (const [name, values] of expected.weights) {
    const others = actual.weights.get(name)!;
    values.forEach((value, i) => {
      assert.ok(Math.abs(value - others[i]) <= 1e-6 * Math.max(1, Math.abs(value)), `${name} ${i}`);
    });
  }
}

/** A line of metrics without what it cost. */
export function withoutCosts(line: MetricsLine): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([name]) => !COSTS.includes(name)));
}
