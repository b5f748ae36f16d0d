import { counted } from 'yolov1/form';
import { nms } from 'yolov1/grid';
import { escapeMarkup } from '../chart/escapeMarkup';
import { type Drawing, type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { NARROW } from '../chart/narrow';
import { THEME } from '../chart/style/theme';
import { boxesMarkup, classColour } from './boxMarkup';
import type { FoundBox } from './detectionsFigure';
import { drawPicture, type ShownPicture } from './picture';

/** What the figure shows. */
export interface Suppression {
  picture: ShownPicture;
  /** All boxes that the cells predict. */
  detections: readonly FoundBox[];
  /** A box that overlaps a surer one of its class by more than this IoU goes. */
  iouThreshold: number;
}

/** Width of a panel, CSS pixels. */
const PANEL = 290;
const GAP = 20;
const ABOVE = 22;

/**
 * Boxes before and after non-maximum suppression, side by side over their picture.
 *
 * @throws RangeError for missing words, a picture without a size or boxes that are none.
 */
export function nmsFigure({ picture, detections, iouThreshold }: Suppression, texts: FigureTexts): Figure {
  const ground = drawPicture(picture);
  const names = [...new Set(detections.map(({ name }) => name))].sort();
  const edges = detections.flatMap(({ box }) => [box.left, box.top, box.right, box.bottom]);
  const scores = Float64Array.from(detections, ({ score }) => score);
  const classes = detections.map(({ name }) => names.indexOf(name));
  const kept = new Set(nms(Float64Array.from(edges), scores, { iouThreshold, classes }));
  const after = detections.filter((_, k) => kept.has(k));
  // Half the size each, so that both are seen at once; below each other on a phone.
  const draw = (width: number, isNarrow: boolean): Drawing => {
    const height = Math.round((width * ground.height) / ground.width);
    const panel = (words: string, shown: readonly FoundBox[], x: number, y: number) =>
      `<g transform="translate(${x} ${y})"><text x="0" y="15" font-size="13" fill="${THEME.ink.light}">${escapeMarkup(words)}</text>` +
      `<g transform="translate(0 ${ABOVE}) scale(${width / ground.width})">${ground.body}` +
      boxesMarkup(
        shown.map(({ name, score, box }) => ({
          box,
          colour: classColour(names.indexOf(name)),
          words: shown.length <= kept.size ? `${name} ${score.toFixed(2)}` : '',
          title: `${name}, score ${score.toFixed(3)}`,
        })),
        ground,
      ) +
      '</g></g>';
    const [right, below] = isNarrow ? [0, height + ABOVE + GAP] : [width + GAP, 0];
    const size = { width: width + right, height: height + ABOVE + below };
    const body =
      `<rect width="${size.width}" height="${size.height}" fill="${THEME.paper.light}"/>` +
      panel(`before: ${counted(detections.length, 'box', 'boxes')}`, detections, 0, 0) +
      panel(`after: ${counted(after.length, 'box', 'boxes')}`, after, right, below);
    return { ...size, body };
  };
  const data = detections.map(({ name, score, box: { left, top, right, bottom } }, k) => ({
    class: name,
    score,
    left,
    top,
    right,
    bottom,
    kept: kept.has(k),
  }));
  return makeFigure(draw(PANEL, false), texts, data, draw(NARROW, true));
}
