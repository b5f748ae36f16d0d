/** A point of an outline. */
export type Point = readonly [x: number, y: number];

/** A class of generated objects. */
interface Shape {
  /** The closed outline around the origin, its size about 1, y downwards. */
  readonly outline: readonly Point[];
  /** Largest turn either way in degrees; beyond it, the shape would look like itself or lie on its head. */
  readonly turn: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  circle: { outline: regular(72, () => 0.5), turn: 0 },
  cross: { outline: cross(0.17), turn: 45 },
  heart: { outline: heart(), turn: 25 },
  square: { outline: regular(4, () => 0.62, 45), turn: 45 },
  star: { outline: regular(10, (corner) => (corner % 2 === 0 ? 0.56 : 0.24)), turn: 36 },
  triangle: { outline: regular(3, () => 0.58), turn: 60 },
};

/** Classes of generated scenes, in alphabetical order; a class's number is its place here. */
export const SCENE_CLASSES: readonly string[] = Object.keys(SHAPES);

/** The shape's largest turn in degrees. */
export function largestTurn(name: string): number {
  return SHAPES[name].turn;
}

/**
 * Outline of a shape, turned, scaled and moved.
 *
 * @param name - One of {@link SCENE_CLASSES}.
 * @param degrees - Clockwise.
 */
export function outlineOf(name: string, centre: Point, size: number, degrees: number): Point[] {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return SHAPES[name].outline.map(([x, y]) => [
    centre[0] + size * (x * cos - y * sin),
    centre[1] + size * (x * sin + y * cos),
  ]);
}

/** Corners evenly around the origin, the first on top; `radius` by corner. */
function regular(corners: number, radius: (corner: number) => number, degrees = 0): Point[] {
  return Array.from({ length: corners }, (_, corner) => {
    const angle = radians(degrees - 90 + (360 * corner) / corners);
    return [radius(corner) * Math.cos(angle), radius(corner) * Math.sin(angle)];
  });
}

/** An upright cross; `arm` is half the width of its arms. */
function cross(arm: number): Point[] {
  const quarter: Point[] = [
    [-arm, -0.5],
    [arm, -0.5],
    [arm, -arm],
  ];
  return [0, 1, 2, 3].flatMap((turns) =>
    quarter.map(([x, y]): Point => {
      const [cos, sin] = [
        Math.round(Math.cos((turns * Math.PI) / 2)),
        Math.round(Math.sin((turns * Math.PI) / 2)),
      ];
      return [x * cos - y * sin, x * sin + y * cos];
    }),
  );
}

/** A square on its corner with half circles on its upper sides. */
function heart(): Point[] {
  const corner = 0.41;
  const lobe: Point[] = Array.from({ length: 31 }, (_, step) => {
    const angle = radians(45 - 6 * step);
    const radius = corner * Math.SQRT1_2;
    return [corner / 2 + radius * Math.cos(angle), -corner / 2 + radius * Math.sin(angle)];
  });
  const mirrored = lobe.map(([x, y]): Point => [-x, y]).reverse();
  return [[0, corner] as Point, ...lobe, ...mirrored].map(([x, y]) => [x, y + 0.042]);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
