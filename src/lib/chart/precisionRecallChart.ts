import { counted } from 'yolov1/form';
import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { NARROW } from './narrow';
import { legendColumns } from './style/legendColumns';
import { DASHES, SERIES, THEME } from './style/theme';

/** Precision at evenly spaced recalls from 0 to 1, both ends included; each 0..1. */
export type PrecisionCurve = readonly number[];

/** What a cut by score leaves of a curve. */
export interface KeptByCut {
  /** Whose curve. */
  detector: string;
  /** The area under the curve that the cut leaves, from recall 0 on, where the scores are highest. */
  area: number;
  /** Stand where the cut ends the curve. */
  words: string;
}

/** Side of a panel that stands alone and of one among several, CSS pixels. */
const ALONE = { width: 540, height: 260 };
const LOW = 230;
const SMALL = { width: 104, height: 92 };
const PER_ROW = { wide: 5, narrow: 2 };

/**
 * Precision over recall, a line for each of at most six detectors: small multiples with a panel for each class, five in
 * a row, or one large panel for a single class or mean.
 *
 * @param panels - By the title of the panel, such as the class, the curves by the name of the detector, as `classCurves`
 * of yolov1 gives them.
 * @param kept - Of the one panel: shades the area under a curve, and darker what a cut by score leaves of it. Default: none.
 * @throws RangeError for no panel, panels of other detectors than the first, none or more than six of them, or
 * curves that differ in length or have fewer than two points.
 */
export async function precisionRecallChart(
  panels: Readonly<Record<string, Readonly<Record<string, PrecisionCurve>>>>,
  texts: FigureTexts,
  kept?: KeptByCut,
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
          `curve '${name}' of panel '${title}': got ${counted(points, 'point')}, expected ${Math.max(2, length)}`,
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
  // Above a falling curve is room for its name; the highest curve first.
  const inside = { orient: 'top-right', direction: 'vertical', columns: 1, values: [...names].reverse() };
  const scale = (range: readonly unknown[]) => ({ domain: names, range: range.slice(0, names.length) });
  const unit = {
    type: 'quantitative',
    scale: { domain: [0, 1] },
    ...(alone ? {} : { axis: { values: [0, 0.5, 1], format: '.1~f', grid: true } }),
  };
  const x = { field: 'recall', title: 'recall', ...unit };
  const y = { field: 'precision', title: 'precision', ...unit };
  const facet = { field: 'class', type: 'nominal', sort: titles, title: null, header: { labelFontSize: 12 } };
  const shaded =
    alone && kept ? cutLayers(panels[titles[0]], kept, SERIES[names.indexOf(kept.detector)], { x, y }) : [];
  const spec = (narrow?: number) => {
    const columns = legendColumns(names, narrow ? NARROW : ALONE.width);
    const legend = names.length > 1 ? { symbolType: 'stroke', ...(alone ? inside : { columns }) } : null;
    const lines = {
      mark: { type: 'line', strokeWidth: alone ? 1.75 : 1.4 },
      encoding: {
        x,
        y,
        order: { field: 'recall', type: 'quantitative' },
        color: { field: 'detector', type: 'nominal', title: null, scale: scale(SERIES), legend },
        strokeDash: { field: 'detector', type: 'nominal', title: null, scale: scale(DASHES), legend },
      },
    };
    if (alone) {
      const size = narrow ? { width: narrow, height: LOW } : ALONE;
      return { data: { values }, ...size, layer: [...shaded, lines] };
    }
    const panel = { ...SMALL, width: narrow ?? SMALL.width, ...lines };
    return {
      data: { values },
      facet,
      columns: narrow ? PER_ROW.narrow : PER_ROW.wide,
      spacing: 14,
      spec: panel,
    };
  };
  const table = titles.flatMap((title) => {
    const turns = new Set(values.filter((point) => point.class === title).map(({ recall }) => recall));
    return pointsOf(panels[title]).flatMap((row) =>
      turns.has(row.recall) ? [alone ? row : { class: title, ...row }] : [],
    );
  });
  return chart(spec, texts, table);
}

/** Layers of a chart below its lines: the area under a curve, and over it what the cut leaves. */
function cutLayers(
  curves: Readonly<Record<string, PrecisionCurve>>,
  { detector, area, words }: KeptByCut,
  color: string,
  { x, y }: { x: object; y: object },
) {
  const curve = curves[detector];
  if (!curve)
    throw new RangeError(
      `kept.detector: got '${detector}', expected one of ${Object.keys(curves).join(', ')}`,
    );
  const points = curve.map((precision, k) => ({ recall: recallAt(k, curve.length), precision }));
  const end = recallOfArea(curve, area);
  const left = [
    ...points.filter(({ recall }) => recall < end),
    { recall: end, precision: precisionAt(curve, end) },
  ];
  const at = { data: { values: [{ recall: end, words }] } };
  const text = { type: 'text', align: 'left', baseline: 'bottom', dx: -4, dy: -4, tooltip: false };
  const shade = (rows: object[], opacity: number) => ({
    data: { values: rows },
    mark: { type: 'area', color, opacity, tooltip: false },
    encoding: { x, y },
  });
  return [
    shade(points, 0.13),
    shade(left, 0.75),
    { ...at, mark: { type: 'rule', strokeDash: [5, 4], color: THEME.ink.light }, encoding: { x } },
    {
      ...at,
      mark: { ...text, fontWeight: 600 },
      encoding: { x, y: { value: 0 }, text: { field: 'words' } },
    },
  ];
}

/** The recall up to which a curve has an area under it. */
function recallOfArea(curve: PrecisionCurve, area: number): number {
  const step = 1 / (curve.length - 1);
  let sum = 0;
  for (let k = 1; k < curve.length; k++) {
    const more = (step * (curve[k - 1] + curve[k])) / 2;
    if (sum + more >= area) return (k - 1 + (area - sum) / more) * step;
    sum += more;
  }
  return 1;
}

function precisionAt(curve: PrecisionCurve, recall: number): number {
  const place = recall * (curve.length - 1);
  const k = Math.min(curve.length - 2, Math.floor(place));
  return curve[k] + (place - k) * (curve[k + 1] - curve[k]);
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
