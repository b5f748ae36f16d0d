import { settleText } from './streamText';

/** Text that a cell printed. */
export interface StreamOutput {
  output_type: 'stream';
  name: 'stdout' | 'stderr';
  text: string;
}

/** What a cell showed, by MIME type. */
export interface DisplayOutput {
  output_type: 'display_data';
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/** A cell's value. tslab prints values instead, other kernels send this. */
export interface ResultOutput {
  output_type: 'execute_result';
  execution_count: number | null;
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/** An error as other kernels send it; tslab prints errors to stderr. */
export interface ErrorOutput {
  output_type: 'error';
  ename: string;
  evalue: string;
  traceback: string[];
}

/** An output of a code cell as nbformat 4 stores it, its multi-line text joined. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** Display ids of a kernel's whole life: a cell may update what an earlier one showed. */
export type Displays = Map<string, DisplayOutput[]>;

/**
 * Builds the outputs of one cell from the kernel's messages, as JupyterLab does: neighbouring pieces of the same
 * stream are one output, an updated display changes where it stands.
 */
export class OutputCollector {
  readonly outputs: Output[] = [];
  private clearPending = false;
  private size = 0;
  private full = false;

  constructor(
    private readonly displays: Displays,
    /** Largest total of the outputs, in characters. */
    private readonly limit: number,
  ) {}

  /**
   * Takes in one message of the iopub channel; types that carry no output are ignored.
   *
   * @returns False once the outputs are larger than the limit; what came too much is not kept.
   */
  add(type: string, content: Readonly<Record<string, unknown>>): boolean {
    if (this.full) return false;
    if (type === 'clear_output') {
      if (content.wait === true) this.clearPending = true;
      else this.clear();
    } else if (type === 'update_display_data') {
      return this.update(content);
    } else if (type === 'stream') {
      return this.addStream(content.name === 'stderr' ? 'stderr' : 'stdout', String(content.text ?? ''));
    } else if (type === 'display_data' || type === 'execute_result' || type === 'error') {
      return this.addOutput(type, content);
    }
    return true;
  }

  /** The outputs as they are stored: streams settled, empty ones left out. */
  finish(): Output[] {
    for (const output of this.outputs) {
      if (output.output_type === 'stream') output.text = settleText(output.text);
    }
    return this.outputs.filter((output) => output.output_type !== 'stream' || output.text !== '');
  }

  private addStream(name: 'stdout' | 'stderr', text: string): boolean {
    if (!this.make(text.length)) return false;
    const last = this.outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text += text;
    else this.outputs.push({ output_type: 'stream', name, text });
    return true;
  }

  private addOutput(
    type: 'display_data' | 'execute_result' | 'error',
    content: Readonly<Record<string, unknown>>,
  ): boolean {
    if (!this.make(sizeOf(content))) return false;
    if (type === 'error') {
      const traceback = Array.isArray(content.traceback) ? content.traceback.map(String) : [];
      this.outputs.push({
        output_type: type,
        ename: String(content.ename ?? ''),
        evalue: String(content.evalue ?? ''),
        traceback,
      });
      return true;
    }
    const bundle = { data: objectOf(content.data), metadata: objectOf(content.metadata) };
    if (type === 'execute_result') {
      const count = typeof content.execution_count === 'number' ? content.execution_count : null;
      this.outputs.push({ output_type: type, execution_count: count, ...bundle });
      return true;
    }
    const output: DisplayOutput = { output_type: type, ...bundle };
    this.outputs.push(output);
    const id = objectOf(content.transient).display_id;
    if (typeof id === 'string') this.displays.set(id, [...(this.displays.get(id) ?? []), output]);
    return true;
  }

  /** An update counts with its new size only: a live chart may be redrawn any number of times. */
  private update(content: Readonly<Record<string, unknown>>): boolean {
    const id = objectOf(content.transient).display_id;
    const size = sizeOf(content);
    if (size > this.limit) return false;
    for (const output of (typeof id === 'string' && this.displays.get(id)) || []) {
      output.data = objectOf(content.data);
      output.metadata = objectOf(content.metadata);
    }
    return true;
  }

  /** Makes room for `bytes` more; a pending clear_output(wait) happens now. */
  private make(bytes: number): boolean {
    if (this.clearPending) this.clear();
    this.size += bytes;
    if (this.size <= this.limit) return true;
    for (const output of this.outputs) {
      if (output.output_type !== 'stream') continue;
      // Up to the last jump back to a line's start, what follows can't change what is settled.
      const cut = Math.max(output.text.lastIndexOf('\r'), output.text.lastIndexOf('\n'), 0);
      output.text = settleText(output.text.slice(0, cut)) + output.text.slice(cut);
    }
    this.size = this.outputs.reduce((sum, output) => sum + sizeOf(output), bytes);
    this.full = this.size > this.limit;
    return !this.full;
  }

  private clear(): void {
    this.clearPending = false;
    this.outputs.length = 0;
    this.size = 0;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}
