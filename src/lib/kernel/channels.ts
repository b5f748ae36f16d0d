import { randomUUID } from 'node:crypto';
import type { Dealer, Subscriber } from 'zeromq';
import type { KernelProcess } from './kernelProcess';
import { decode, encode, type Message, newMessage } from './wire';

/**
 * The sockets to one kernel. Messages that are not signed with the kernel's key are dropped.
 */
export class Channels {
  private readonly session = randomUUID();

  private constructor(
    private readonly kernel: KernelProcess,
    private readonly zmq: typeof import('zeromq'),
    private readonly shell: Dealer,
    private readonly control: Dealer,
    private readonly iopub: Subscriber,
  ) {}

  /**
   * Connects to a kernel that may still be starting.
   *
   * @param onReply - Called with each message of the shell channel.
   * @param onPublished - Called with each message of the iopub channel.
   */
  static async open(
    kernel: KernelProcess,
    onReply: (message: Message) => void,
    onPublished: (message: Message) => void,
  ): Promise<Channels> {
    // Loaded late: notebooks import this package too, and need no sockets.
    const zmq = await import('zeromq');
    // Without a limit on our side nothing is dropped while this process is busy.
    const options = { linger: 0, receiveHighWaterMark: 0 };
    const shell = new zmq.Dealer(options);
    const control = new zmq.Dealer(options);
    const iopub = new zmq.Subscriber(options);
    iopub.subscribe();
    shell.connect(kernel.address('shell'));
    control.connect(kernel.address('control'));
    iopub.connect(kernel.address('iopub'));
    const channels = new Channels(kernel, zmq, shell, control, iopub);
    void channels.listen(shell, onReply);
    void channels.listen(iopub, onPublished);
    return channels;
  }

  /** A request to send; its id is the parent of all answers. */
  request(type: string, content: Record<string, unknown>): Message {
    return newMessage(type, content, this.session);
  }

  async send(channel: 'shell' | 'control', message: Message): Promise<void> {
    await this[channel].send(encode(message, this.kernel.key));
  }

  /** Whether the kernel echoes on its heartbeat channel: tslab does unless a cell computes without a pause. */
  async beats(milliseconds: number): Promise<boolean> {
    const heart = new this.zmq.Request({ linger: 0, receiveTimeout: milliseconds });
    try {
      heart.connect(this.kernel.address('hb'));
      await heart.send('ping');
      return (await heart.receive()).toString() === 'ping';
    } catch {
      return false;
    } finally {
      heart.close();
    }
  }

  close(): void {
    this.shell.close();
    this.control.close();
    this.iopub.close();
  }

  private async listen(socket: Dealer | Subscriber, handle: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      let message: Message;
      try {
        message = decode(frames, this.kernel.key);
      } catch {
        continue;
      }
      handle(message);
    }
  }
}
