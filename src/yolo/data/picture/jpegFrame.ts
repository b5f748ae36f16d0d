/** One colour component of a JPEG. */
export interface JpegComponent {
  readonly id: number;
  /** Sampling factors: blocks a unit across and down. */
  readonly across: number;
  readonly down: number;
}

/** A JPEG's frame header (ITU-T T.81, B.2.2). */
export interface JpegFrame {
  /** Number of the marker: 0xc0 to 0xcf. */
  readonly kind: number;
  /** Bits of a sample. */
  readonly precision: number;
  /** Pixels; 0 where the height comes only behind the picture. */
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
}

/** A segment between two markers: its marker's number, and where its content begins and ends. */
export interface JpegSegment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/**
 * The segment that begins at or behind `position`: fill bytes are passed over.
 *
 * @returns Undefined at the end of the picture, or where there is no segment.
 */
export function segmentAt(bytes: Uint8Array, position: number): JpegSegment | undefined {
  let at = position;
  if (bytes[at] !== 0xff) return undefined;
  while (bytes[at] === 0xff) at++;
  const marker = bytes[at];
  if (marker === undefined || marker === END_OF_IMAGE) return undefined;
  const start = at + 3;
  const end = at + 1 + ((bytes[at + 1] << 8) | bytes[at + 2]);
  return end >= start && end <= bytes.length ? { marker, start, end } : undefined;
}

/** Tells whether a segment is a frame header: SOF0 to SOF15 without the three numbers that mean something else. */
export function isFrame({ marker }: JpegSegment): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Reads a frame header; undefined if it is none that can be meant. */
export function parseFrame(bytes: Uint8Array, { marker, start, end }: JpegSegment): JpegFrame | undefined {
  const count = bytes[start + 5];
  if (end - start < 6 + 3 * count || count < 1 || count > 4) return undefined;
  const components = Array.from({ length: count }, (_, index) => {
    const at = start + 6 + 3 * index;
    return { id: bytes[at], across: bytes[at + 1] >> 4, down: bytes[at + 1] & 15 };
  });
  if (components.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    return undefined;
  return {
    kind: marker,
    precision: bytes[start],
    height: (bytes[start + 1] << 8) | bytes[start + 2],
    width: (bytes[start + 3] << 8) | bytes[start + 4],
    components,
  };
}

/** The frame header of a JPEG, undefined if there is none before its first scan. */
export function findFrame(bytes: Uint8Array): JpegFrame | undefined {
  let segment = segmentAt(bytes, 2);
  while (segment && segment.marker !== START_OF_SCAN) {
    if (isFrame(segment)) return parseFrame(bytes, segment);
    segment = segmentAt(bytes, segment.end);
  }
  return undefined;
}
