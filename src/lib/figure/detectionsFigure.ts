import type { AnnotatedObject } from 'yolov1/data';
import type { Box } from 'yolov1/grid';
import { type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { boxesMarkup, classColour } from './boxMarkup';
import { drawnTwice, type PictureGround, type ShownPicture } from './picture';

/** A box that a detector found. */
export interface FoundBox {
  name: string;
  /** Confidence, 0..1. */
  score: number;
  /** Edges in pixels of the picture. */
  box: Box;
}

/** What the figure shows. */
export interface Detections {
  /** Without its file, as where a photograph can't be published, the boxes stand on an empty frame that says so. */
  picture: ShownPicture;
  detections: readonly FoundBox[];
  /** Annotated objects, drawn dashed in white. Default: none. */
  objects?: readonly Pick<AnnotatedObject, 'name' | 'box'>[];
}

/**
 * Detections with class and score over their picture, the surest on top, and what was to be found.
 *
 * @throws RangeError for missing words or a picture without a size.
 */
export function detectionsFigure(
  { picture, detections, objects = [] }: Detections,
  texts: FigureTexts,
): Figure {
  const order = [...detections].sort((a, b) => b.score - a.score);
  const names = [...new Set(detections.map(({ name }) => name))].sort();
  const truth = objects.map(({ name, box }) => {
    return { box, colour: '#f4f6f8', title: `annotated: ${name}`, dashed: true };
  });
  const found = order.map(({ name, score, box }) => ({
    box,
    colour: classColour(names.indexOf(name)),
    words: `${name} ${score.toFixed(2)}`,
    title: `${name}, confidence ${score.toFixed(3)}`,
  }));
  const draw = (ground: PictureGround) => boxesMarkup([...found, ...truth], ground);
  const data = [
    ...order.map(({ name, score, box }) => ({ kind: 'detected', class: name, score, ...edges(box) })),
    ...objects.map(({ name, box }) => ({ kind: 'annotated', class: name, score: null, ...edges(box) })),
  ];
  const { wide, narrow } = drawnTwice(picture, draw);
  return makeFigure(wide, texts, data, narrow);
}

function edges({ left, top, right, bottom }: Box) {
  return { left, top, right, bottom };
}
