import type { AnnotatedObject } from 'yolov1/data';
import { encodeGrid, type LostObject } from 'yolov1/grid';
import { type Figure, type FigureTexts, makeFigure } from '../chart/figure';
import { boxesMarkup, classColour, round } from './boxMarkup';
import { drawnTwice, type PictureGround, type ShownPicture } from './picture';

/** What the figure shows. */
export interface SceneGrid {
  picture: ShownPicture;
  /** Objects with their boxes in pixels of the picture. */
  objects: readonly Pick<AnnotatedObject, 'name' | 'box'>[];
  /** Cells per side, S. */
  gridSize: number;
}

/**
 * How a detector's grid sees a picture: the S x S cells, each object's box with its centre, and the cell that is
 * responsible for it (YOLOv1, section 2), filled in its class's colour. An object whose cell another object has is dashed.
 *
 * The cells are those of {@link encodeGrid}, so the figure shows what the loss is given.
 *
 * @throws RangeError for missing words or a picture without a size; UserError for a box that is none.
 */
export function sceneGridFigure({ picture, objects, gridSize }: SceneGrid, texts: FigureTexts): Figure {
  const names = [...new Set(objects.map(({ name }) => name))];
  const { lost } = encodeGrid(
    [objects.map(({ name, box }) => ({ classIndex: names.indexOf(name), box: normalised(box, picture) }))],
    { gridSize, classes: Math.max(1, names.length) },
  );
  const seen = objects.map((object, place): SeenObject => {
    const centre = {
      x: (object.box.left + object.box.right) / 2,
      y: (object.box.top + object.box.bottom) / 2,
    };
    return {
      ...object,
      row: Math.min(gridSize - 1, Math.floor((centre.y / picture.height) * gridSize)),
      column: Math.min(gridSize - 1, Math.floor((centre.x / picture.width) * gridSize)),
      centre,
      colour: classColour(names.indexOf(object.name)),
      lost: isLost(lost, place),
    };
  });
  const data = seen.map(({ name, box, row, column, lost }) => ({
    object: name,
    left: box.left,
    top: box.top,
    right: box.right,
    bottom: box.bottom,
    row,
    column,
    responsible: !lost,
  }));
  const { wide, narrow } = drawnTwice(picture, (ground) => drawGrid(seen, gridSize, ground));
  return makeFigure(wide, texts, data, narrow);
}

/** An object with the cell that its centre lies in. */
type SeenObject = SceneGrid['objects'][number] & {
  row: number;
  column: number;
  /** Pixels of the picture. */
  centre: { x: number; y: number };
  colour: string;
  lost: boolean;
};

function drawGrid(
  seen: readonly SeenObject[],
  gridSize: number,
  { width, height, scale }: PictureGround,
): string {
  const cellSize = { width: width / gridSize, height: height / gridSize };
  const cells = seen
    .filter((object) => !object.lost)
    .map(
      ({ row, column, colour }) =>
        `<rect x="${round(column * cellSize.width)}" y="${round(row * cellSize.height)}" width="${round(cellSize.width)}" ` +
        `height="${round(cellSize.height)}" fill="${colour}" fill-opacity="0.5"/>`,
    );
  const boxes = seen.map(({ name, box, row, column, colour, lost }) => ({
    box,
    colour,
    words: name,
    title: lost
      ? `${name}: its cell has another object`
      : `${name}: row ${row}, column ${column} is responsible`,
    dashed: lost,
  }));
  const dots = seen.map(
    ({ centre, colour }) =>
      `<circle cx="${round(centre.x * scale)}" cy="${round(centre.y * scale)}" r="4" fill="${colour}" stroke="#10151b" stroke-width="1.5"/>`,
  );
  const grid = gridLines(width, height, gridSize);
  return [...cells, grid, boxesMarkup(boxes, { width, height, scale }), ...dots].join('');
}

function normalised({ left, top, right, bottom }: AnnotatedObject['box'], { width, height }: ShownPicture) {
  return { left: left / width, top: top / height, right: right / width, bottom: bottom / height };
}

function isLost(lost: readonly LostObject[], place: number): boolean {
  return lost.some(({ object }) => object === place);
}

/** Bright lines with a dark edge, so that they show on every ground. */
function gridLines(width: number, height: number, gridSize: number): string {
  const places = Array.from({ length: gridSize + 1 }, (_, k) => k / gridSize);
  const path = places
    .map((part) => `M${round(part * width)} 0V${height}M0 ${round(part * height)}H${width}`)
    .join('');
  return (
    `<path d="${path}" fill="none" stroke="#10151b" stroke-opacity="0.35" stroke-width="2.5"/>` +
    `<path d="${path}" fill="none" stroke="#fff" stroke-opacity="0.85"/>`
  );
}
