import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { DASHES, SERIES } from './style/theme';

/** Precision at evenly spaced recalls from 0 to 1, both ends included; each 0..1. */
export type PrecisionCurve = readonly number[];

/** Side of a panel that stands alone and of one among several, CSS pixels. */
const ALONE = { width: 480, height: 320 };
const SMALL = { width: 104, height: 92 };
const PER_ROW = 5;

/**
 * Precision over recall, a line for each of at most six detectors: small multiples with a panel for each class, five in
 * a row, or one large panel for a single class or mean.
 *
 * @param panels - By the title of the panel, such as the class, the curves by the name of the detector, as `classCurves`
 * of yolov1 gives them.
 * @throws RangeError for no panel, panels of other detectors than the first, none or more than six of them, or
 * curves that differ in length or have fewer than two points.
 */
export async function precisionRecallChart(
  panels: Readonly<Record<string, Readonly<Record<string, PrecisionCurve>>>>,
  texts: FigureTexts,
): Promise<Figure> {
  const titles = Object.keys(panels);
  if (titles.length === 0) throw new RangeError('panels: got none, expected at least one');
  const names = Object.keys(panels[titles[0]]);
  if (names.length < 1 || names.length > SERIES.length) {
    throw new RangeError(`detectors: got ${names.length}, expected 1 to ${SERIES.length}`);
  }
  const length = panels[titles[0]][names[0]].length;
  for (const title of titles) {
    const here = Object.keys(panels[title]);
    if (here.join() !== names.join()) {
      throw new RangeError(`panel '${title}': got ${here.join(', ')}, expected ${names.join(', ')}`);
    }
    for (const name of names) {
      const points = panels[title][name].length;
      if (points < 2 || points !== length) {
        throw new RangeError(
          `curve '${name}' of panel '${title}': got ${points} points, expected ${Math.max(2, length)}`,
        );
      }
    }
  }
  const values = titles.flatMap((title) =>
    names.flatMap((name) =>
      corners(panels[title][name]).map((point) => ({ class: title, detector: name, ...point })),
    ),
  );
  const alone = titles.length === 1;
  const legend = names.length > 1 ? { symbolType: 'stroke', columns: 3 } : null;
  const scale = (range: readonly unknown[]) => ({ domain: names, range: range.slice(0, names.length) });
  const unit = {
    type: 'quantitative',
    scale: { domain: [0, 1] },
    ...(alone ? {} : { axis: { values: [0, 0.5, 1], format: '.1~f', grid: true } }),
  };
  const panel = {
    ...(alone ? ALONE : SMALL),
    mark: { type: 'line', strokeWidth: alone ? 1.75 : 1.4 },
    encoding: {
      x: { field: 'recall', title: 'recall', ...unit },
      y: { field: 'precision', title: 'precision', ...unit },
      order: { field: 'recall', type: 'quantitative' },
      color: { field: 'detector', type: 'nominal', title: null, scale: scale(SERIES), legend },
      strokeDash: { field: 'detector', type: 'nominal', title: null, scale: scale(DASHES), legend },
    },
  };
  const facet = { field: 'class', type: 'nominal', sort: titles, title: null, header: { labelFontSize: 12 } };
  const spec = alone
    ? { data: { values }, ...panel }
    : { data: { values }, facet, columns: PER_ROW, spacing: 14, spec: panel };
  const table = titles.flatMap((title) => {
    const turns = new Set(values.filter((point) => point.class === title).map(({ recall }) => recall));
    return pointsOf(panels[title]).flatMap((row) =>
      turns.has(row.recall) ? [alone ? row : { class: title, ...row }] : [],
    );
  });
  return chart(spec, texts, table);
}

/** A row for each recall, with the precision of every detector there. */
function pointsOf(curves: Readonly<Record<string, PrecisionCurve>>) {
  const names = Object.keys(curves);
  return curves[names[0]].map((_, k, { length }) => ({
    recall: recallAt(k, length),
    ...Object.fromEntries(names.map((name) => [name, curves[name][k]])),
  }));
}

/** The points of a curve up to the first 0, without those in the middle of three of one precision. */
function corners(curve: PrecisionCurve) {
  const last = curve.length - 1;
  const points = curve.map((precision, k) => ({ recall: recallAt(k, curve.length), precision }));
  return points.filter(({ precision }, k) => {
    if (k === 0 || k === last) return k === 0 || curve[k - 1] !== 0;
    return (
      (precision !== curve[k - 1] || precision !== curve[k + 1]) && (precision !== 0 || curve[k - 1] !== 0)
    );
  });
}

function recallAt(k: number, length: number): number {
  return Math.round((k / (length - 1)) * 1e4) / 1e4;
}
