import { setTimeout as delay } from 'node:timers/promises';
import { NotebookError } from '../errors';
import { Channels } from './channels';
import type { KernelProcess } from './kernelProcess';
import type { Message } from './wire';

/** How often a starting kernel is asked again, in milliseconds: its iopub channel may not be connected yet. */
const ASK_AGAIN = 50;

/** Told of every message of a connected kernel. */
export interface KernelListeners {
  onReply(message: Message): void;
  onPublished(message: Message): void;
}

/** A kernel that answers. */
export interface Connected {
  channels: Channels;
  /** Its account of its language. */
  languageInfo: Readonly<Record<string, unknown>>;
}

/**
 * Opens the channels of a kernel's process, and asks for kernel_info until it answers on every one: the reply must come
 * on shell, and a status on iopub.
 *
 * @param limit - Longest wait, in milliseconds.
 * @throws {@link NotebookError} if it ends or does not answer in time; its process has been killed.
 */
export async function connect(
  process: KernelProcess,
  { onReply, onPublished }: KernelListeners,
  limit = 60_000,
): Promise<Connected> {
  let languageInfo = {};
  let published = false;
  let ready = () => {};
  const answered = new Promise<'ready'>((resolve) => {
    ready = () => resolve('ready');
  });
  const channels = await Channels.open(
    process,
    (message) => {
      if (message.header.msg_type === 'kernel_info_reply') {
        languageInfo = message.content.language_info ?? {};
        if (published) ready();
      }
      onReply(message);
    },
    (message) => {
      published = true;
      onPublished(message);
    },
  );
  const asking = new AbortController();
  const outcome = await Promise.race([answered, process.ended, ask(channels, limit, asking.signal)]);
  asking.abort();
  if (outcome === 'ready') return { channels, languageInfo };
  await process.kill();
  channels.close();
  throw new NotebookError(`the kernel did not start: ${outcome}${process.lastWords}`);
}

/** Asks until aborted. */
async function ask(channels: Channels, limit: number, signal: AbortSignal): Promise<string> {
  const end = Date.now() + limit;
  while (Date.now() < end && !signal.aborted) {
    await channels.send('shell', channels.request('kernel_info_request', {}));
    await delay(ASK_AGAIN);
  }
  return `no answer within ${limit / 1000} s`;
}
