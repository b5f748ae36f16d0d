import { nms } from 'yolov1/grid';
import { escapeMarkup } from '../chart/escapeMarkup';
import { type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { THEME } from '../chart/style/theme';
import { boxMarkup, classColour } from './boxMarkup';
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
  // Half the size each, so that both are seen at once.
  const [width, height] = [ground.width / 2 + 30, ground.height / 2 + (30 * ground.height) / ground.width];
  const panel = (words: string, shown: readonly FoundBox[], x: number) =>
    `<g transform="translate(${x} 0)"><text x="0" y="15" font-size="13" fill="${THEME.ink.light}">${escapeMarkup(words)}</text>` +
    `<g transform="translate(0 ${ABOVE}) scale(${width / ground.width})">${ground.body}` +
    shown
      .map(({ name, score, box }) =>
        boxMarkup(box, ground.scale, ground.width, {
          colour: classColour(names.indexOf(name)),
          words: shown.length <= kept.size ? `${name} ${score.toFixed(2)}` : '',
          title: `${name}, score ${score.toFixed(3)}`,
        }),
      )
      .join('') +
    '</g></g>';
  const after = detections.filter((_, k) => kept.has(k));
  const body =
    `<rect width="${2 * width + GAP}" height="${height + ABOVE}" fill="${THEME.paper.light}"/>` +
    panel(`before: ${detections.length} boxes`, detections, 0) +
    panel(`after: ${after.length} boxes`, after, width + GAP);
  const data = detections.map(({ name, score, box: { left, top, right, bottom } }, k) => ({
    class: name,
    score,
    left,
    top,
    right,
    bottom,
    kept: kept.has(k),
  }));
  return makeFigure(
    { width: Math.round(2 * width + GAP), height: Math.round(height + ABOVE), body },
    texts,
    data,
  );
}
