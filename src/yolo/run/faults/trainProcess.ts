import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { readSafetensors } from '../../model/weights/safetensors';
import { readRunRecord } from '../../record/readRunRecord';
import { type Outcome, withoutCosts } from './tinyRun';

const PROGRAM = join(__dirname, '..', '..', 'bin', 'yolov1.js');
/** How a process ended. */
export interface Ending {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Small, and with all that a resume must restore; the head has enough weights for a checkpoint to take some time. */
const CONFIG = `export default {
  name: 'run',
  profile: 'smoke',
  train: ['Scenes/train'],
  evaluate: ['Scenes/val'],
  backboneWeights: 'random',
  model: { backbone: 'baseline', head: 'convolutional', inputSize: 64, gridSize: 1, predictors: 1, headWidth: 8 },
  loss: { kind: 'sigmoid' },
  epochs: 3,
  batchSize: 2,
  evaluateAfter: [1],
  views: { flip: true, crops: 0 },
};
`;

/** A folder in which `yolov1 train` is run by real processes; each place has a cache, runs and records of its own. */
export class TrainFolder {
  private constructor(readonly folder: string) {}

  static async prepare(folder: string): Promise<TrainFolder> {
    await mkdir(folder, { recursive: true });
    await writeScenesDevkit(join(folder, 'data'), { train: 4, val: 2 });
    await writeFile(join(folder, 'config.ts'), CONFIG);
    return new TrainFolder(folder);
  }

  place(name: string) {
    const root = join(this.folder, name);
    const run = join(root, 'runs', 'run');
    return {
      root,
      features: join(root, 'cache', 'features'),
      run,
      checkpoints: join(run, 'checkpoints'),
      records: join(root, 'records'),
      record: join(root, 'records', 'run'),
    };
  }

  /** Start `yolov1 train`. */
  start(name: string, args: readonly string[] = [], options: { uid?: number } = {}): TrainProcess {
    const { root, records } = this.place(name);
    const command = [PROGRAM, 'train', 'config.ts', '--data', 'data', '--results', records];
    const child = spawn(process.execPath, [...command, '--workdir', join(root, 'runs'), ...args], {
      cwd: this.folder,
      env: { ...process.env, YOLOV1_CACHE: join(root, 'cache'), CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    return new TrainProcess(child);
  }

  /** What a finished run has found. @throws UserError if there is no whole record. */
  async outcome(name: string): Promise<Outcome> {
    const { record, run } = this.place(name);
    const { metrics, evaluation } = await readRunRecord(record);
    const { tensors } = await readSafetensors(join(run, 'weights.safetensors'));
    const weights = new Map([...tensors].map(([tensor, { data }]) => [tensor, data]));
    return { metrics: metrics.map(withoutCosts), evaluation, weights };
  }
}

/** A process that trains. */
export class TrainProcess {
  private stdout = '';
  private stderr = '';
  private over = false;
  readonly ended: Promise<Ending>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.on('data', (text) => {
      this.stdout += text;
    });
    child.stderr!.on('data', (text) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => {
        this.over = true;
        resolve({ status, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** What it has said on stderr so far. */
  said(): string {
    return this.stderr;
  }

  /** Wait until something is so, looking every millisecond. @returns Whether it came to be before the process ended. */
  async until(condition: () => boolean): Promise<boolean> {
    while (!this.over) {
      if (condition()) return true;
      await sleep(1);
    }
    return false;
  }
}
