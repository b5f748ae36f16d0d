import { area } from './box';
import type { GridObject, GridTarget } from './gridTarget';

/**
 * A target in which each object has besides its own cell the two nearest ones: the cell beside it and the one above or
 * below, on the side on which its centre lies (YOLOv5). A cell that holds an object's centre stays that object's; of
 * several neighbours the smallest object takes it.
 *
 * Boxes of such a cell have their centre up to half a cell outside of it, which the coding `wideSigmoid` reaches.
 */
export function withNeighbours(target: GridTarget): GridTarget {
  const { gridSize, objects } = target;
  const classIndex = target.classIndex.slice();
  const boxes = target.boxes.slice();
  const owners = new Map<number, GridObject>();
  objects.forEach((list, picture) => {
    for (const object of list) {
      for (const cell of neighboursOf(object, gridSize)) {
        const at = picture * gridSize ** 2 + cell;
        const owner = owners.get(at);
        if (target.classIndex[at] >= 0 || (owner && area(owner.box) <= area(object.box))) continue;
        owners.set(at, object);
        classIndex[at] = object.classIndex;
        const { left, top, right, bottom } = object.box;
        boxes.set([left, top, right, bottom], 4 * at);
      }
    }
  });
  return { ...target, classIndex, boxes, objectCount: target.objectCount + owners.size };
}

/** The cells beside, and above or below, that of an object's centre, which lie in the picture. */
function neighboursOf({ box }: GridObject, gridSize: number): number[] {
  const x = ((box.left + box.right) / 2) * gridSize;
  const y = ((box.top + box.bottom) / 2) * gridSize;
  const inside = (place: number) => Math.min(gridSize - 1, Math.max(0, Math.floor(place)));
  const [column, row] = [inside(x), inside(y)];
  const beside = x - column < 0.5 ? column - 1 : column + 1;
  const above = y - row < 0.5 ? row - 1 : row + 1;
  const within = (place: number) => place >= 0 && place < gridSize;
  return [
    ...(within(beside) ? [row * gridSize + beside] : []),
    ...(within(above) ? [above * gridSize + column] : []),
  ];
}
