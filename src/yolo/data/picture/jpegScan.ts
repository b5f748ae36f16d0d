import { counted } from '../../core/counted';

/** A scan's data do not add up to the picture; the message says how. */
export class JpegFault extends Error {}

/** Bits of a code that are looked up at once: most codes are no longer, and the table stays in the nearest cache. */
const SHORT = 9;

/** A Huffman code (T.81, annex C). */
export interface HuffmanTable {
  /** `length << 8 | symbol` by the next {@link SHORT} bits; 0 where the code is longer or none. */
  readonly short: Uint16Array;
  /** The first 16 bits behind which no code of this length or a shorter one begins, by length. */
  readonly ends: Uint32Array;
  /** The number to add to a code for its symbol's place, by length. */
  readonly places: Int32Array;
  readonly symbols: Uint8Array;
}

/**
 * Reads a Huffman code.
 *
 * @param bytes - From the 16 numbers of codes by length on, then the symbols.
 * @returns The code, and how many bytes it took.
 */
export function huffmanTable(bytes: Uint8Array): { table: HuffmanTable; size: number } {
  const short = new Uint16Array(1 << SHORT);
  const ends = new Uint32Array(17);
  const places = new Int32Array(17);
  let place = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    places[length] = place - (next >> (16 - length));
    for (let count = bytes[length - 1]; count > 0; count--) {
      const end = next + (1 << (16 - length));
      if (length <= SHORT) {
        const code = (length << 8) | bytes[16 + place];
        short.fill(code, next >> (16 - SHORT), Math.min(end >> (16 - SHORT), short.length));
      }
      place++;
      next = end;
    }
    ends[length] = next;
  }
  const size = 16 + place;
  return { table: { short, ends, places, symbols: bytes.slice(16, size) }, size };
}

/** One component's part of a scan. */
export interface ScanComponent {
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
  /** Blocks across and down that lie in the picture. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks across and down a unit of an interleaved scan. */
  readonly across: number;
  readonly down: number;
  /** Blocks across with those that fill the last unit: the length of a row of `filled`. */
  readonly stride: number;
  /** Coefficients that earlier scans of a progressive picture made other than 0; 64 a block. */
  readonly filled: Uint8Array | undefined;
}

/** The coefficients that a scan codes, and which of their bits (T.81, annex G). A sequential scan: 0 to 63, all bits. */
export interface ScanBand {
  readonly progressive: boolean;
  readonly from: number;
  readonly to: number;
  /** True if earlier scans coded higher bits of the same coefficients. */
  readonly refines: boolean;
}

/**
 * Follows the codes of one scan without making pixels of them.
 *
 * @param data - The scan's bytes without stuffing, one array between two restart markers.
 * @param restart - Units between two restart markers, 0 if there are none.
 * @throws {@link JpegFault} if a code is none, leads out of its block, or the bytes are too few or too many.
 */
export function followScan(
  data: readonly Uint8Array[],
  components: readonly ScanComponent[],
  units: { readonly across: number; readonly down: number },
  band: ScanBand,
  restart: number,
): void {
  const all = units.across * units.down;
  const each = restart > 0 ? restart : all;
  if (data.length !== Math.ceil(all / each)) {
    throw new JpegFault(`${data.length} restart intervals, expected ${Math.ceil(all / each)}`);
  }
  data.forEach((bytes, index) => {
    const reader = new CodeReader(bytes);
    const end = Math.min(all, (index + 1) * each);
    for (let unit = index * each; unit < end; unit++) {
      const column = unit % units.across;
      const row = (unit - column) / units.across;
      for (const component of components) {
        if (components.length === 1) {
          reader.block(component, row * component.stride + column, band);
          continue;
        }
        for (let y = 0; y < component.down; y++) {
          for (let x = 0; x < component.across; x++) {
            const block = (row * component.down + y) * component.stride + column * component.across + x;
            reader.block(component, block, band);
          }
        }
      }
      if (reader.position > reader.length) throw new JpegFault('its data end early');
    }
    reader.requireEnd();
  });
}

/** Reads the codes of one restart interval, bit by bit. */
class CodeReader {
  /** In bits. */
  position = 0;
  readonly length: number;
  /** Blocks that still follow without a code: they hold nothing in this band. */
  #emptyBlocks = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.length = 8 * bytes.length;
  }

  block(component: ScanComponent, block: number, band: ScanBand): void {
    if (!band.progressive) {
      this.#direct(component.dc);
      this.#sequential(component.ac!);
    } else if (band.from === 0) {
      if (band.refines) this.position++;
      else this.#direct(component.dc);
    } else if (band.refines) this.#refine(component.ac!, component.filled!, 64 * block, band);
    else this.#first(component.ac!, component.filled!, 64 * block, band);
  }

  /** After the last code come fewer than 8 bits. Zeros behind them are some cameras' padding, not lost codes. */
  requireEnd(): void {
    const rest = this.bytes.subarray((this.position + 7) >> 3);
    if (rest.some((byte) => byte !== 0))
      throw new JpegFault(`${counted(rest.length, 'byte is', 'bytes are')} left over`);
  }

  #direct(table: HuffmanTable | undefined): void {
    const size = this.#symbol(table!) & 15;
    this.position += size;
  }

  #sequential(table: HuffmanTable): void {
    for (let k = 1; k < 64; k++) {
      const symbol = this.#symbol(table);
      const size = symbol & 15;
      if (size === 0 && symbol !== 0xf0) return;
      k += symbol >> 4;
      if (k > 63) throw new JpegFault('a code leads out of its block');
      this.position += size;
    }
  }

  #first(table: HuffmanTable, filled: Uint8Array, start: number, { from, to }: ScanBand): void {
    if (this.#emptyBlocks > 0) {
      this.#emptyBlocks--;
      return;
    }
    for (let k = from; k <= to; k++) {
      const symbol = this.#symbol(table);
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        this.#emptyBlocks = (1 << run) - 1 + this.#bits(run);
        return;
      }
      k += run;
      if (k > to) throw new JpegFault('a code leads out of its block');
      this.position += size;
      if (size > 0) filled[start + k] = 1;
    }
  }

  #refine(table: HuffmanTable, filled: Uint8Array, start: number, { from, to }: ScanBand): void {
    let k = from;
    if (this.#emptyBlocks === 0) {
      for (; k <= to; k++) {
        const symbol = this.#symbol(table);
        let run = symbol >> 4;
        const fills = (symbol & 15) > 0;
        if (!fills && run < 15) {
          this.#emptyBlocks = (1 << run) + this.#bits(run);
          break;
        }
        if (fills) this.position++;
        for (; k <= to; k++) {
          if (filled[start + k] !== 0) this.position++;
          else if (--run < 0) break;
        }
        if (fills) {
          if (k > to) throw new JpegFault('a code leads out of its block');
          filled[start + k] = 1;
        }
      }
    }
    if (this.#emptyBlocks > 0) {
      for (; k <= to; k++) this.position += filled[start + k];
      this.#emptyBlocks--;
    }
  }

  #symbol(table: HuffmanTable): number {
    const at = this.position >> 3;
    const { bytes } = this;
    // Behind the last byte, undefined counts as 0.
    const three = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    const next = (three >> (8 - (this.position & 7))) & 0xffff;
    const found = table.short[next >> (16 - SHORT)];
    if (found !== 0) {
      this.position += found >> 8;
      return found & 0xff;
    }
    for (let length = SHORT + 1; length <= 16; length++) {
      if (next < table.ends[length]) {
        this.position += length;
        return table.symbols[(next >> (16 - length)) + table.places[length]];
      }
    }
    throw new JpegFault('a code is none of its table');
  }

  #bits(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.position++) {
      value = (value << 1) | (((this.bytes[this.position >> 3] ?? 0) >> (7 - (this.position & 7))) & 1);
    }
    return value;
  }
}
