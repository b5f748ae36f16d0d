import type { DetectorSpec } from 'yolov1';
import { counted } from 'yolov1/form';
import type { LayerRow } from 'yolov1/model';
import { escapeMarkup } from '../chart/escapeMarkup';
import { type Drawing, type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { NARROW } from '../chart/narrow';
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

/** Of a drawing and of the largest map in it, CSS pixels. */
interface Size {
  width: number;
  tallest: number;
}

const WIDE: Size = { width: 600, tallest: 190 };
const SMALL: Size = { width: NARROW, tallest: 120 };
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
  const data = slabs.map((slab) => ({
    part: slab.layers === 0 ? 'input' : slab.head ? 'head' : 'backbone',
    output: slab.shape.join(' x '),
    layers: slab.layers,
    parameters: slab.parameters,
  }));
  const half = Math.ceil(slabs.length / 2);
  return makeFigure(
    drawRows([slabs], inputSize, WIDE),
    texts,
    data,
    drawRows([slabs.slice(0, half), slabs.slice(half)], inputSize, SMALL),
  );
}

/** Slabs in rows one below the other, each as high as its tallest slab. */
function drawRows(rows: readonly (readonly Slab[])[], inputSize: number, { width, tallest }: Size): Drawing {
  let height = 0;
  const body = rows.map((slabs) => {
    const tall = Math.max(...slabs.map((slab) => heightOf(slab, inputSize, tallest)));
    const row = `<g transform="translate(0 ${round(height)})">${drawRow(slabs, inputSize, { width, tallest }, tall)}</g>`;
    height += tall + BELOW;
    return row;
  });
  height = Math.ceil(height);
  const ground = `<rect width="${width}" height="${height}" fill="${THEME.paper.light}"/>`;
  return { width, height, body: ground + body.join('') };
}

function heightOf({ shape }: Slab, inputSize: number, tallest: number): number {
  return Math.max(6, tallest * Math.sqrt((shape.length === 3 ? shape[0] : 1) / inputSize));
}

function drawRow(
  slabs: readonly Slab[],
  inputSize: number,
  { width: room, tallest }: Size,
  tall: number,
): string {
  const breadth = ({ shape }: Slab) => 4 + 2.4 * Math.log2(shape[shape.length - 1]);
  const gap = (room - slabs.reduce((sum, slab) => sum + breadth(slab), 0)) / slabs.length;
  let x = gap / 2;
  const parts = slabs.map((slab) => {
    const height = heightOf(slab, inputSize, tallest);
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
        `<text x="${middle}" y="${round(tall + 26 + 15 * k)}" text-anchor="middle" font-size="11" fill="${
          k === 2 ? THEME.muted.light : THEME.ink.light
        }">${escapeMarkup(word)}</text>`,
    );
    const rect =
      `<rect x="${round(x)}" y="${round(10 + (tall - height) / 2)}" width="${round(width)}" height="${round(height)}" ` +
      `rx="2" fill="${colour}" fill-opacity="0.85"><title>${escapeMarkup(titleOf(slab))}</title></rect>`;
    x += width + gap;
    return rect + lines.join('');
  });
  return parts.join('');
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
  return `${head ? 'head' : 'backbone'}: ${counted(layers, 'layer')} with outputs ${shape.join(' x ')}, ${parameters} parameters`;
}

function millions(parameters: number): string {
  return parameters < 1e5 ? '<0.1' : (parameters / 1e6).toFixed(1);
}
