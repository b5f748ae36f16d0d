import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../core/errors';
import type { InputRequest } from './drawInput';
import type { WorkerAnswer } from './inputWorker';

interface Waiting {
  resolve(pixels: Float32Array): void;
  reject(error: Error): void;
}

/** One decoding thread and the requests it has not answered. */
interface Decoder {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

// 2 cores: one thread makes about 40 inputs of 448 a second, far more than a processor trains. Above 8, a disk is
// the limit.
const THREADS = Math.min(8, Math.max(1, availableParallelism() - 1));

const decoders: Decoder[] = [];
let lastId = 0;

/**
 * {@link drawInput} in another thread: decoding goes on while this thread trains. The threads start with the first
 * call, serve the whole process and don't keep it alive.
 *
 * @throws {@link UserError} as `drawInput` does.
 */
export function drawInputAside(request: InputRequest): Promise<Float32Array> {
  const decoder = leastBusy();
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    decoder.waiting.set(id, { resolve, reject });
    decoder.worker.ref();
    decoder.worker.postMessage({ id, request });
  });
}

/** Starts a thread ahead of the first request, such as while a network is being loaded. */
export function startDecoding(): void {
  if (decoders.length === 0) startDecoder();
}

function leastBusy(): Decoder {
  const free = decoders.find(({ waiting }) => waiting.size === 0);
  if (free) return free;
  if (decoders.length < THREADS) return startDecoder();
  return decoders.reduce((least, other) => (other.waiting.size < least.waiting.size ? other : least));
}

function startDecoder(): Decoder {
  // Beside this file: JavaScript in the built package; TypeScript in tests, where the thread needs its loader too.
  const ending = extname(__filename);
  const worker = new Worker(join(__dirname, `inputWorker${ending}`), {
    execArgv: ending === '.ts' ? ['--require', 'tsx/cjs'] : [],
  });
  const decoder: Decoder = { worker, waiting: new Map() };
  worker.on('message', (answer: WorkerAnswer) => {
    const { resolve, reject } = decoder.waiting.get(answer.id)!;
    decoder.waiting.delete(answer.id);
    if (decoder.waiting.size === 0) worker.unref();
    if ('pixels' in answer) resolve(answer.pixels);
    else reject(answer.byUser ? new UserError(answer.error) : new Error(answer.error));
  });
  const end = (reason: Error) => {
    const index = decoders.indexOf(decoder);
    if (index >= 0) decoders.splice(index, 1);
    for (const { reject } of decoder.waiting.values()) reject(reason);
    decoder.waiting.clear();
  };
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`the thread that decodes pictures ended with code ${code}`)));
  // After the listeners: one for messages keeps the process alive again.
  worker.unref();
  decoders.push(decoder);
  return decoder;
}
