import type { AnnotatedObject } from 'yolov1/data';
import { type Box, boxIou } from 'yolov1/grid';
import { type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { boxesMarkup, classColour, round } from './boxMarkup';
import { drawnTwice, type PictureGround, type ShownPicture } from './picture';

/** What the figure shows. */
export interface Responsible {
  picture: ShownPicture;
  /** The object, its box in pixels of the picture. */
  object: Pick<AnnotatedObject, 'name' | 'box'>;
  /** What the predictors of its cell predict, in pixels. */
  predictions: readonly Box[];
  /** Cells per side, S. */
  gridSize: number;
}

/**
 * The predictors of one cell and their object: the one with the largest IoU is responsible and drawn solid, the others are
 * dashed (YOLOv1, section 2).
 *
 * @throws RangeError for missing words, a picture without a size or no prediction.
 */
export function responsibleFigure(
  { picture, object, predictions, gridSize }: Responsible,
  texts: FigureTexts,
): Figure {
  if (predictions.length === 0) throw new RangeError('predictions: got none, expected at least one box');
  const ious = predictions.map((box) => boxIou(box, object.box));
  const responsible = ious.indexOf(Math.max(...ious));
  const data = predictions.map(({ left, top, right, bottom }, k) => ({
    predictor: k + 1,
    left,
    top,
    right,
    bottom,
    iou: ious[k],
    responsible: k === responsible,
  }));
  const draw = ({ width, height, scale }: PictureGround) => {
    const [cellWidth, cellHeight] = [width / gridSize, height / gridSize];
    const centre = {
      x: ((object.box.left + object.box.right) / 2) * scale,
      y: ((object.box.top + object.box.bottom) / 2) * scale,
    };
    const cell =
      `<rect x="${round(Math.floor(centre.x / cellWidth) * cellWidth)}" y="${round(Math.floor(centre.y / cellHeight) * cellHeight)}" ` +
      `width="${round(cellWidth)}" height="${round(cellHeight)}" fill="#fff" fill-opacity="0.45" stroke="#fff"/>`;
    const boxes = predictions.map((box, k) => ({
      box,
      colour: classColour(k),
      words: `predictor ${k + 1}: IoU ${ious[k].toFixed(2)}`,
      title: `predictor ${k + 1}, ${k === responsible ? 'responsible' : 'not responsible'}`,
      dashed: k !== responsible,
    }));
    const { name, box } = object;
    const truth = { box, colour: '#fff', words: name, title: `annotated: ${name}` };
    return cell + boxesMarkup([...boxes, truth], { width, height, scale });
  };
  const { wide, narrow } = drawnTwice(picture, draw);
  return makeFigure(wide, texts, data, narrow);
}
