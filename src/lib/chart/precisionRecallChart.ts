import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { DASHES, SERIES } from './theme';

/** Points of a curve, by falling confidence; both 0..1. */
export interface Curve {
  precision: ArrayLike<number>;
  recall: ArrayLike<number>;
}

/** Most points of a curve that are drawn. */
const MOST = 240;

/**
 * Precision over recall, a line for each of at most six classes or runs.
 *
 * @throws RangeError for no curve, more than six, or one whose arrays differ in length.
 */
export async function precisionRecallChart(
  curves: Readonly<Record<string, Curve>>,
  texts: FigureTexts,
): Promise<Figure> {
  const names = Object.keys(curves);
  if (names.length < 1 || names.length > SERIES.length) {
    throw new RangeError(`curves: got ${names.length}, expected 1 to ${SERIES.length}`);
  }
  const values = names.flatMap((name) =>
    corners(name, curves[name]).map((point) => ({ curve: name, ...point })),
  );
  const legend = names.length > 1 ? { symbolType: 'stroke' } : null;
  const unit = { type: 'quantitative', scale: { domain: [0, 1] } };
  const scale = (range: readonly unknown[]) => ({ domain: names, range: range.slice(0, names.length) });
  const spec = {
    width: 400,
    height: 340,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.75 },
    encoding: {
      x: { field: 'recall', title: 'recall', ...unit, axis: { grid: true } },
      y: { field: 'precision', title: 'precision', ...unit },
      order: { field: 'place', type: 'quantitative' },
      color: { field: 'curve', type: 'nominal', title: null, scale: scale(SERIES), legend },
      strokeDash: { field: 'curve', type: 'nominal', title: null, scale: scale(DASHES), legend },
    },
  };
  const table = values.map(({ curve, recall, precision }) => ({ curve, recall, precision }));
  return chart(spec, texts, table);
}

/** Where recall steps, and of these a number that can be drawn: between two steps a curve only falls straight. */
function corners(name: string, { precision, recall }: Curve) {
  if (precision.length !== recall.length) {
    throw new RangeError(
      `curve '${name}': got ${precision.length} precisions and ${recall.length} recalls, expected as many of each`,
    );
  }
  const last = recall.length - 1;
  const steps: number[] = [];
  for (let k = 0; k <= last; k++) {
    if (k === 0 || k === last || recall[k] !== recall[k - 1] || recall[k + 1] !== recall[k]) steps.push(k);
  }
  const stride = Math.ceil(steps.length / MOST);
  return steps
    .filter((_, place) => place % stride === 0 || place === steps.length - 1)
    .map((k, place) => ({ place, precision: precision[k], recall: recall[k] }));
}
