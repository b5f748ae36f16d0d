import { textWidth } from './textWidth';
import { CHART_CONFIG } from './theme';

/** A point of a line. */
interface Point {
  line: string;
  y: number | null;
}

/** Where labels stand. */
interface LabelPlace {
  /** Of the plot, CSS pixels. */
  width: number;
  height: number;
  /** Values at the foot and the head of the plot. */
  ends: readonly [number, number];
  logarithmic: boolean;
  names: readonly string[];
  /** Of the lines, in the order of their names. */
  colours: readonly string[];
}

/** Pixels between two labels. */
const APART = 15;
/** From the plot's edge. */
const GAP = 8;

/** Room that a name takes beside the plot, CSS pixels. */
export function labelWidth(name: string): number {
  return GAP + textWidth(name, CHART_CONFIG.legend.labelFontSize);
}

/**
 * Layers of a Vega-Lite chart that name each line at its end: nearer to what it names than a legend. Where ends lie close,
 * the labels keep their order and move apart.
 */
export function lineLabels(points: readonly Point[], place: LabelPlace): object[] {
  const { width, height, ends, logarithmic, names, colours } = place;
  const [low, high] = logarithmic ? ends.map(Math.log) : ends;
  const pixel = (value: number) =>
    height * (1 - ((logarithmic ? Math.log(value) : value) - low) / (high - low));
  const labels = names.map((name, k) => {
    const last = points.findLast(({ line, y }) => line === name && y !== null);
    return { name, colour: colours[k], y: last ? pixel(last.y!) : height };
  });
  labels.sort((a, b) => a.y - b.y);
  // Downwards until none touches the one above, then up from the foot.
  for (let k = 1; k < labels.length; k++) labels[k].y = Math.max(labels[k].y, labels[k - 1].y + APART);
  for (let k = labels.length - 1; k >= 0; k--) {
    const most = k === labels.length - 1 ? height : labels[k + 1].y - APART;
    labels[k].y = Math.min(labels[k].y, most);
  }
  return labels.map(({ name, colour, y }) => ({
    data: { values: [{ words: name }] },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      color: colour,
      fontSize: CHART_CONFIG.legend.labelFontSize,
      tooltip: false,
    },
    encoding: {
      x: { value: width + GAP },
      y: { value: Math.round(10 * y) / 10 },
      text: { field: 'words' },
    },
  }));
}
