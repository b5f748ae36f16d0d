import { type Displays, type ErrorOutput, type Output, OutputCollector } from './outputs';

/** How a piece of code is executed. */
export interface ExecuteOptions {
  /** Longest time it may take, in milliseconds. Default: no limit. */
  readonly timeout?: number;
  /** Largest size of its outputs, in characters. Default: 10 million. */
  readonly outputLimit?: number;
  /** Called with each piece of text that it prints. */
  readonly onText?: (text: string) => void;
  /** Called with what each display shows, by its MIME type, also when it changes. */
  readonly onDisplay?: (data: Readonly<Record<string, unknown>>) => void;
}

/** What came of a piece of code. */
export interface Execution {
  /** The kernel's `In [n]`. */
  readonly executionCount: number | null;
  /** Empty if all went well, else the error as the kernel put it. */
  readonly error: string;
  /** The outputs so far: what the code prints after it has ended is added as long as the kernel lives. */
  outputs(): Output[];
}

/** Default limit on the outputs of one cell, in characters. */
export const OUTPUT_LIMIT = 10_000_000;

/** Collects what a kernel answers to one execute request. */
export class RunningCode {
  /** Resolves with the reply's status when the reply and all outputs have come, or with `too much` output. */
  readonly done: Promise<string>;
  readonly limit: number;
  private readonly collector: OutputCollector;
  /** The pieces written to stderr, one a call: tslab writes an exception in one piece. */
  private readonly stderr: string[] = [];
  private reply: Readonly<Record<string, unknown>> | undefined;
  private idle = false;
  private finish: (status: string) => void = () => {};

  constructor(
    displays: Displays,
    private readonly options: ExecuteOptions,
  ) {
    this.limit = options.outputLimit ?? OUTPUT_LIMIT;
    this.collector = new OutputCollector(displays, this.limit);
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /** Takes in the execute_reply of the shell channel. */
  onReply(content: Readonly<Record<string, unknown>>): void {
    this.reply = content;
    this.finishIfComplete();
  }

  /** Takes in a message of the iopub channel. */
  onPublished(type: string, content: Readonly<Record<string, unknown>>): void {
    if (type === 'status') {
      this.idle ||= content.execution_state === 'idle';
      this.finishIfComplete();
      return;
    }
    if (type === 'stream') {
      const text = String(content.text ?? '');
      if (content.name === 'stderr') this.stderr.push(text);
      this.options.onText?.(text);
    }
    if (type.endsWith('display_data')) this.options.onDisplay?.(Object(content.data));
    if (!this.collector.add(type, content)) this.finish('too much');
  }

  result(): Execution {
    const count = this.reply?.execution_count;
    return {
      executionCount: typeof count === 'number' ? count : null,
      error: this.reply?.status === 'ok' ? '' : errorText(this.stderr, this.collector.outputs),
      outputs: () => this.collector.finish(),
    };
  }

  private finishIfComplete(): void {
    if (this.reply && this.idle) this.finish(String(this.reply.status));
  }
}

/** The error that ended a cell. tslab prints it: an exception in one piece, the compiler's complaints one by one. */
function errorText(stderr: readonly string[], outputs: readonly Output[]): string {
  const error = outputs.find((output): output is ErrorOutput => output.output_type === 'error');
  if (error) return `${error.ename}: ${error.evalue}`;
  const complaints = stderr.filter((text) => /^(\S+ )?\d+:\d+ - /.test(text));
  const text = complaints.length > 0 ? complaints.join('') : (stderr.at(-1) ?? '');
  return text.trim() || 'it failed without a word';
}
