/** Place and form of one tensor in a weights file. */
export interface StoredRegion {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  /** First byte and the one behind the last, counted from the end of the header. */
  readonly from: number;
  readonly to: number;
}

/** Bytes of a number of each type that the format knows. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1, BOOL: 1 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1 },
};

/**
 * Checks the header of a safetensors file as the format demands: every tensor has as many bytes as its shape and type
 * need, and together they fill the file without gaps and overlaps; no name comes twice; metadata are strings.
 *
 * @param json - The header's text.
 * @param size - Bytes behind the header.
 * @param broken - Makes the error of what is wrong.
 */
export function parseHeader(
  json: string,
  size: number,
  broken: (what: string) => Error,
): { regions: StoredRegion[]; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch {
    throw broken('its header is not JSON');
  }
  if (!isObject(header)) throw broken('its header is not an object of tensors');
  const twice = keyTwice(json);
  if (twice !== undefined) throw broken(`its header names ${twice} twice`);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw broken('its metadata are not texts by name');
  }
  const regions = Object.entries(entries).map(([name, entry]) => regionOf(name, entry, broken));
  let end = 0;
  for (const { name, from, to } of [...regions].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) {
      throw broken(
        `tensor ${name} begins at byte ${from} of the data, expected ${end}: tensors lie one behind the other`,
      );
    }
    end = to;
  }
  if (end !== size) throw broken(`its tensors end at byte ${end} of the data, the file has ${size}`);
  return { regions, metadata: metadata as Record<string, string> };
}

function regionOf(name: string, entry: unknown, broken: (what: string) => Error): StoredRegion {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (!isShape(shape) || !isShape(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw broken(`tensor ${name} has no valid shape and offsets`);
  }
  const width = typeof dtype === 'string' && Object.hasOwn(WIDTHS, dtype) ? WIDTHS[dtype] : undefined;
  if (width === undefined) throw broken(`tensor ${name} has the unknown type ${JSON.stringify(dtype)}`);
  const [from, to] = offsets;
  const needed = shape.reduce((product, n) => product * n, 1) * width;
  if (to - from !== needed) {
    throw broken(`tensor ${name} [${shape}] needs ${needed} bytes, the file gives ${to - from}`);
  }
  return { name, dtype: dtype as string, shape, from, to };
}

/** Tells whether a value is a list of whole numbers from 0 on. */
export function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key that comes twice in one object, of which a parser keeps the last without a word. The text must be JSON. */
function keyTwice(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const key: string = JSON.parse(token.slice(0, -1).trimEnd());
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}
