import { isFrame, type JpegFrame, type JpegSegment, parseFrame, segmentAt } from './jpegFrame';
import { followScan, type HuffmanTable, huffmanTable, JpegFault, type ScanComponent } from './jpegScan';

const HUFFMAN_TABLES = 0xc4;
const START_OF_SCAN = 0xda;
const RESTART_INTERVAL = 0xdd;
/** Baseline, extended and progressive, with Huffman codes: what the decoder knows as well. */
const FOLLOWED = [0xc0, 0xc1, 0xc2];

/**
 * Finds the fault in a JPEG's coded data; undefined if there is none.
 *
 * Huffman codes of a picture that was altered in the middle fall into step again, so a decoder shows shifted blocks and
 * goes on to the end without an error. But the codes then no longer end where the data do: each scan is followed code
 * by code, and must use its bytes up. Kinds of JPEG that the decoder refuses are not looked at.
 */
export function jpegFault(bytes: Uint8Array): string | undefined {
  try {
    new Follower(bytes).follow();
    return undefined;
  } catch (error) {
    if (error instanceof JpegFault) return error.message;
    throw error;
  }
}

/** Goes through the segments of one JPEG. */
class Follower {
  readonly #dc: (HuffmanTable | undefined)[] = [];
  readonly #ac: (HuffmanTable | undefined)[] = [];
  #restart = 0;
  #frame: JpegFrame | undefined;
  #filled: Uint8Array[] = [];

  constructor(private readonly bytes: Uint8Array) {}

  follow(): void {
    let segment = segmentAt(this.bytes, 2);
    while (segment) {
      const { marker, start, end }: JpegSegment = segment;
      let next = end;
      if (isFrame(segment)) {
        this.#frame = parseFrame(this.bytes, segment);
        if (!this.#frame || !FOLLOWED.includes(marker) || this.#frame.height === 0) return;
      } else if (marker === HUFFMAN_TABLES) this.#readTables(start, end);
      else if (marker === RESTART_INTERVAL) this.#restart = (this.bytes[start] << 8) | this.bytes[start + 1];
      else if (marker === START_OF_SCAN) {
        if (!this.#frame) return;
        next = this.#scan(this.#frame, start, end);
      }
      segment = segmentAt(this.bytes, next);
    }
  }

  #readTables(start: number, end: number): void {
    for (let at = start; at + 17 <= end; ) {
      const { table, size } = huffmanTable(this.bytes.subarray(at + 1, end));
      (this.bytes[at] >> 4 === 0 ? this.#dc : this.#ac)[this.bytes[at] & 15] = table;
      at += 1 + size;
    }
  }

  /** @returns Where the scan's data end. */
  #scan(frame: JpegFrame, start: number, end: number): number {
    const { bytes } = this;
    const { intervals, next } = intervalsAt(bytes, end);
    const count = bytes[start];
    const at = start + 1 + 2 * count;
    const band = {
      progressive: frame.kind === 0xc2,
      from: bytes[at],
      to: bytes[at + 1],
      refines: bytes[at + 2] >> 4 > 0,
    };
    const scanned: ScanComponent[] = [];
    for (let index = 0; index < count; index++) {
      const component = this.#component(
        frame,
        bytes[start + 1 + 2 * index],
        bytes[start + 2 + 2 * index],
        band,
      );
      // The decoder has tables of its own for pictures that bring none.
      if (!component) return next;
      scanned.push(component);
    }
    const [first] = scanned;
    const units =
      count === 1
        ? { across: first.columns, down: first.rows }
        : {
            across: first.stride / first.across,
            down: Math.ceil(frame.height / (8 * mostOf(frame, 'down'))),
          };
    followScan(intervals, scanned, units, band, this.#restart);
    return next;
  }

  #component(
    frame: JpegFrame,
    id: number,
    tables: number,
    { progressive, from, refines }: { progressive: boolean; from: number; refines: boolean },
  ): ScanComponent | undefined {
    const index = frame.components.findIndex((component) => component.id === id);
    if (index < 0) throw new JpegFault('a scan names a component that the picture lacks');
    const { across, down } = frame.components[index];
    const [wide, high] = [mostOf(frame, 'across'), mostOf(frame, 'down')];
    const stride = across * Math.ceil(frame.width / (8 * wide));
    const blocks = stride * down * Math.ceil(frame.height / (8 * high));
    const dc = this.#dc[tables >> 4];
    const ac = this.#ac[tables & 15];
    const needs = progressive ? [from === 0 ? (refines ? true : dc) : ac] : [dc, ac];
    if (needs.includes(undefined)) return undefined;
    if (progressive) this.#filled[index] ??= new Uint8Array(64 * blocks);
    return {
      dc,
      ac,
      columns: Math.ceil(Math.ceil((frame.width * across) / wide) / 8),
      rows: Math.ceil(Math.ceil((frame.height * down) / high) / 8),
      across,
      down,
      stride,
      filled: this.#filled[index],
    };
  }
}

function mostOf({ components }: JpegFrame, side: 'across' | 'down'): number {
  return Math.max(...components.map((component) => component[side]));
}

/** A scan's data without stuffed zeros, cut at restart markers, and where the next segment begins. */
function intervalsAt(bytes: Uint8Array, start: number): { intervals: Uint8Array[]; next: number } {
  const intervals: Uint8Array[] = [];
  let data = new Uint8Array(bytes.length - start);
  let size = 0;
  let from = start;
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1];
    const isRestart = marker >= 0xd0 && marker <= 0xd7;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const kept = bytes.subarray(from, marker === 0 ? at + 1 : at);
    data.set(kept, size);
    size += kept.length;
    at += 2;
    from = at;
    if (marker === 0) continue;
    intervals.push(data.subarray(0, size));
    if (!isRestart) return { intervals, next: at - 2 };
    data = data.subarray(size);
    size = 0;
  }
  data.set(bytes.subarray(from), size);
  intervals.push(data.subarray(0, size + bytes.length - from));
  return { intervals, next: bytes.length };
}
