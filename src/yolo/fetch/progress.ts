/** Is told what a fetch does, to show it. */
export interface FetchProgress {
  /** Something to read. @param text - One line. */
  say(text: string): void;
  /**
   * A step that is measured in bytes begins.
   *
   * @param label - What is done, such as `fetching x.tar`.
   * @param total - Bytes in all; undefined if nobody knows.
   * @param done - Bytes that are there already.
   */
  begin(label: string, total: number | undefined, done: number): void;
  /** The step has come further. @param done - Bytes that are done by now. */
  advance(done: number): void;
  /** The step is over, done or not. */
  end(): void;
}

/** Shows nothing. */
export const SILENT: FetchProgress = { say() {}, begin() {}, advance() {}, end() {} };

/** Bytes as a text in units of 10^6 bytes; less than ten with a decimal. */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value.toFixed(value < 10 ? 1 : 0)} MB`;
}
