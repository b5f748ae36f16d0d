import type { Random } from '../../core/random';

type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Textured ground in RGB, `[height, width, 3]`: two muted colours blended by smooth noise, a pattern over it, grain.
 */
export function drawGround(width: number, height: number, random: Random): Uint8Array {
  const hue = random.uniform(0, 360);
  const lightness = random.uniform(0.28, 0.72);
  const low = hslToRgb(hue, random.uniform(0.08, 0.3), lightness - 0.1);
  const high = hslToRgb(hue + random.uniform(-50, 50), random.uniform(0.08, 0.3), lightness + 0.1);
  const coarse = noise(random, width, height, 90);
  const fine = noise(random, width, height, 14);
  const pattern = random.pick(PATTERNS)(random);

  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const blend = 0.55 * coarse(x, y) + 0.2 * fine(x, y) + 0.25 * pattern(x, y);
      const grain = 12 * (random.next() - 0.5);
      for (let channel = 0; channel < 3; channel++) {
        const value = low[channel] + blend * (high[channel] - low[channel]) + grain;
        data[i + channel] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return data;
}

type Field = (x: number, y: number) => number;

/** Patterns of 0 to 1: planks, weave, ripples, plain. */
const PATTERNS: readonly ((random: Random) => Field)[] = [
  (random) => {
    const [width, slope] = [random.uniform(18, 46), random.uniform(-0.4, 0.4)];
    return (x, y) => (modulo(x + slope * y, width) < 2.2 ? 0 : 0.7);
  },
  (random) => {
    const size = random.uniform(10, 26);
    return (x, y) => ((Math.floor(x / size) + Math.floor(y / size)) % 2 === 0 ? 0.25 : 0.75);
  },
  (random) => {
    const [length, swing, phase] = [random.uniform(10, 24), random.uniform(2, 7), random.uniform(0, 6)];
    return (x, y) => 0.5 + 0.4 * Math.sin((y + swing * Math.sin(x / 40 + phase)) * ((2 * Math.PI) / length));
  },
  () => () => 0.5,
];

/** Value noise of 0 to 1: random values on a lattice, smoothly interpolated. */
function noise(random: Random, width: number, height: number, spacing: number): Field {
  const columns = Math.ceil(width / spacing) + 2;
  const rows = Math.ceil(height / spacing) + 2;
  const values = Float32Array.from({ length: columns * rows }, () => random.next());
  return (x, y) => {
    const [column, row] = [Math.floor(x / spacing), Math.floor(y / spacing)];
    const [u, v] = [smooth(x / spacing - column), smooth(y / spacing - row)];
    const at = row * columns + column;
    const above = values[at] + u * (values[at + 1] - values[at]);
    const below = values[at + columns] + u * (values[at + columns + 1] - values[at + columns]);
    return above + v * (below - above);
  };
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** Hue in degrees, saturation and lightness of 0 to 1, to RGB of 0 to 255. */
function hslToRgb(hue: number, saturation: number, lightness: number): Rgb {
  const channel = (offset: number) => {
    const k = modulo(offset + hue / 30, 12);
    const swing = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - swing * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}
