import type { DetectorSpec } from 'yolov1';
import type { LayerRow } from 'yolov1/model';
import { escapeMarkup } from '../chart/escapeMarkup';
import { type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { SERIES, THEME } from '../chart/style/theme';
import { round } from './boxMarkup';

/** What is drawn of a network. */
export interface NetworkShapes {
  /** Side of the square input, pixels. */
  inputSize: DetectorSpec['inputSize'];
  /** Its layers, as `describe` gives them. */
  rows: readonly LayerRow[];
}

/** One slab: all layers that follow each other with outputs of one shape. */
interface Slab {
  shape: readonly number[];
  layers: number;
  parameters: number;
  head: boolean;
}

const WIDTH = 600;
/** Of the largest map, CSS pixels. */
const TALLEST = 190;
const BELOW = 66;

/**
 * A network as slabs from left to right: as tall as its maps are wide, as broad as they have channels (each on a scale of
 * its own), with the shape and the parameters of each under it.
 *
 * @throws RangeError if there is no layer.
 */
export function networkFigure({ inputSize, rows }: NetworkShapes, texts: FigureTexts): Figure {
  if (rows.length === 0) throw new RangeError('rows: got no layer, expected at least one');
  const slabs = [
    { shape: [inputSize, inputSize, 3], layers: 0, parameters: 0, head: false },
    ...slabsOf(rows),
  ];
  const breadth = ({ shape }: Slab) => 4 + 2.4 * Math.log2(shape[shape.length - 1]);
  const gap = (WIDTH - slabs.reduce((sum, slab) => sum + breadth(slab), 0)) / slabs.length;
  let x = gap / 2;
  const parts = slabs.map((slab) => {
    const side = slab.shape.length === 3 ? slab.shape[0] : 1;
    const height = Math.max(6, TALLEST * Math.sqrt(side / inputSize));
    const width = breadth(slab);
    const colour = slab.layers === 0 ? THEME.muted.light : slab.head ? SERIES[1] : SERIES[0];
    const words = [
      slab.shape.length === 3 ? `${slab.shape[0]}²` : '',
      `× ${slab.shape[slab.shape.length - 1]}`,
      slab.parameters > 0 ? `${millions(slab.parameters)} M` : '',
    ];
    const middle = round(x + width / 2);
    const lines = words.map(
      (word, k) =>
        `<text x="${middle}" y="${TALLEST + 26 + 15 * k}" text-anchor="middle" font-size="11" fill="${
          k === 2 ? THEME.muted.light : THEME.ink.light
        }">${escapeMarkup(word)}</text>`,
    );
    const rect =
      `<rect x="${round(x)}" y="${round(10 + (TALLEST - height) / 2)}" width="${round(width)}" height="${round(height)}" ` +
      `rx="2" fill="${colour}" fill-opacity="0.85"><title>${escapeMarkup(titleOf(slab))}</title></rect>`;
    x += width + gap;
    return rect + lines.join('');
  });
  const ground = `<rect width="${WIDTH}" height="${TALLEST + BELOW}" fill="${THEME.paper.light}"/>`;
  const data = slabs.map((slab) => ({
    part: slab.layers === 0 ? 'input' : slab.head ? 'head' : 'backbone',
    output: slab.shape.join(' x '),
    layers: slab.layers,
    parameters: slab.parameters,
  }));
  return makeFigure({ width: WIDTH, height: TALLEST + BELOW, body: ground + parts.join('') }, texts, data);
}

function slabsOf(rows: readonly LayerRow[]): Slab[] {
  const slabs: Slab[] = [];
  for (const { name, output, parameters } of rows) {
    const head = name.startsWith('head.');
    const last = slabs.at(-1);
    if (last && last.head === head && last.shape.join() === output.join()) {
      last.layers += 1;
      last.parameters += parameters;
    } else slabs.push({ shape: output, layers: 1, parameters, head });
  }
  // What only changes the shape on the way to the next slab is drawn with it.
  return slabs.filter(({ parameters }, k) => parameters > 0 || k === slabs.length - 1);
}

function titleOf({ shape, layers, parameters, head }: Slab): string {
  if (layers === 0) return `input, ${shape.join(' x ')}`;
  return `${head ? 'head' : 'backbone'}: ${layers} layers with outputs ${shape.join(' x ')}, ${parameters} parameters`;
}

function millions(parameters: number): string {
  return parameters < 1e5 ? '<0.1' : (parameters / 1e6).toFixed(1);
}
