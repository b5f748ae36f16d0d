import { allOptional, COUNT, checkArguments, SEED, TEXT } from '../../core/arguments';
import { Random } from '../../core/random';
import { area, type Box } from '../../grid/box';
import type { AnnotatedObject, Annotation } from '../annotation';
import { drawGround } from './ground';
import { drawShape } from './paint';
import { largestTurn, outlineOf, type Point, SCENE_CLASSES } from './shapes';

/** Options of {@link generateScene}. */
export interface SceneOptions {
  /** Id of the annotation. Default: the seed. */
  id?: string;
  /** In pixels. Default: drawn, 300 to 400. */
  width?: number;
  /** In pixels. Default: drawn, 300 to 400, whatever the width. */
  height?: number;
}

/** A scene before its shapes are laid on the ground. */
export interface SceneDrawing {
  /** Red, green, blue, 0 to 255, row by row. */
  readonly ground: Uint8Array;
  /** The shapes as a whole SVG of the picture's size. */
  readonly svg: string;
  readonly annotation: Annotation;
}

const MOST_OBJECTS = 6;
/** Of two overlapping objects the smaller one keeps at least this share of its box free. */
const FREE_SHARE = 0.85;
/** Shorter side of an object, as share of the picture's, below which it counts as difficult. */
const DIFFICULT_SIZE = 0.09;

const OPTIONS = allOptional({ id: TEXT, width: COUNT, height: COUNT });

/**
 * The scene that `generateScene` paints, without a program for pictures: a browser lays the SVG on the ground itself.
 *
 * @throws UserError for a side that is not a whole number above 0.
 */
export function drawScene(seed: number | string, options: SceneOptions = {}): SceneDrawing {
  checkArguments('generateScene', { seed, options }, { seed: SEED, options: OPTIONS });
  const random = new Random(`scene/${seed}`);
  const layout = random.fork('layout');
  const width = options.width ?? layout.integer(300, 400);
  const height = options.height ?? layout.integer(300, 400);
  const objects: AnnotatedObject[] = [];
  const outlines: Point[][] = [];
  const wanted = layout.integer(1, MOST_OBJECTS);
  // A crowded picture may have no room for the last ones; the first always finds its place.
  for (let attempt = 0; attempt < 20 * wanted && objects.length < wanted; attempt++) {
    const name = layout.pick(SCENE_CLASSES);
    const outline = drawOutline(name, width, height, layout);
    const box = pixelBox(outline);
    if (!inside(box, width, height) || objects.some((other) => covers(box, other.box))) continue;
    const side = Math.min(box.right - box.left, box.bottom - box.top);
    objects.push({ name, box, difficult: side < DIFFICULT_SIZE * Math.min(width, height) });
    outlines.push(outline);
  }

  const ground = drawGround(width, height, random.fork('ground'));
  const paint = random.fork('paint');
  const shapes = outlines.map((outline, index) => drawShape(outline, index, paint)).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes}</svg>`;
  return { ground, svg, annotation: { id: options.id ?? String(seed), width, height, objects } };
}

/** Size and place: one in four small, the others up to half the picture. */
function drawOutline(name: string, width: number, height: number, random: Random): Point[] {
  const side = Math.min(width, height);
  const size = side * (random.chance(0.25) ? random.uniform(0.07, 0.15) : random.uniform(0.15, 0.55));
  const turn = largestTurn(name);
  const centre: Point = [random.uniform(0, width), random.uniform(0, height)];
  return outlineOf(name, centre, size, random.uniform(-turn, turn));
}

/** The whole pixels that an outline touches. */
function pixelBox(outline: readonly Point[]): Box {
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  return {
    left: Math.floor(Math.min(...xs)),
    top: Math.floor(Math.min(...ys)),
    right: Math.ceil(Math.max(...xs)),
    bottom: Math.ceil(Math.max(...ys)),
  };
}

function inside(box: Box, width: number, height: number): boolean {
  return box.left >= 0 && box.top >= 0 && box.right <= width && box.bottom <= height;
}

function covers(a: Box, b: Box): boolean {
  const shared = area({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  return shared > (1 - FREE_SHARE) * Math.min(area(a), area(b));
}
