import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { messageOf, UserError } from '../../core/errors';
import { drawInput, type InputRequest } from './drawInput';

/** A request that comes in, with the number that its answer carries. */
export interface WorkerRequest {
  readonly id: number;
  readonly request: InputRequest;
}

/** An answer that goes out: the pixels, or the error. */
export type WorkerAnswer =
  | { readonly id: number; readonly pixels: Float32Array }
  | { readonly id: number; readonly error: string; readonly byUser: boolean };

// The threads of the pool are the parallelism; more inside each would only take cores from the training.
sharp.concurrency(1);
sharp.cache(false);

parentPort!.on('message', async ({ id, request }: WorkerRequest) => {
  try {
    const pixels = await drawInput(request);
    parentPort!.postMessage({ id, pixels } satisfies WorkerAnswer, [pixels.buffer as ArrayBuffer]);
  } catch (error) {
    const byUser = error instanceof UserError;
    parentPort!.postMessage({ id, error: messageOf(error), byUser } satisfies WorkerAnswer);
  }
});
