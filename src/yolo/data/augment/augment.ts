import { closest } from 'fastest-levenshtein';
import * as v from 'valibot';
import { COUNT, checkArguments, listOf, record, TEXT } from '../../core/arguments';
import { shown, UserError } from '../../core/errors';
import { oneOf } from '../../core/form';
import { Random } from '../../core/random';
import type { ColourChange } from './colour';
import { type AugmentationPlan, type Tile, WHOLE } from './plan';
import { letterbox, type Range, shiftEdges, zoom } from './windows';

/** The random changes that training pictures go through. Plain data: it is stored with a run. */
export interface AugmentationSpec {
  /**
   * How a window gets the input's square form: `stretch` distorts it, `letterbox` widens it by what lies around. Beyond
   * the picture is ground of the mean colour.
   */
  readonly fit: 'stretch' | 'letterbox';
  /** Probability of a mirror image. Default 0. */
  readonly flip?: number;
  /** Each edge moves by up to this share of the picture's side, 0 to below .5, out or in. Default 0. */
  readonly shift?: number;
  /** A window of another size and form, anywhere in the picture or around it. Default: the whole picture. */
  readonly zoom?: {
    /** Smallest and largest side of the window over the picture's: a crop below 1, an expansion above. */
    readonly scale: Range;
    /** Smallest and largest ratio of the window's width to its height, over the picture's. */
    readonly aspect: Range;
  };
  /** Change of colours in HSV, up as often as down. Default: none. */
  readonly hsv?: {
    /** Largest factor of the value, 1 or more. */
    readonly exposure: number;
    /** Largest factor of the saturation, 1 or more. */
    readonly saturation: number;
  };
  /** Change of colours as PIL's `ImageEnhance` makes it. Default: none. */
  readonly enhance?: {
    /** Smallest and largest factor of all channels. */
    readonly brightness: Range;
    /** Smallest and largest factor of the difference to the pixel's own grey. */
    readonly colour: Range;
    /** Smallest and largest factor of the difference to the picture's mean grey. */
    readonly contrast: Range;
  };
  /** Probability that the picture shares the input with three others. Default 0. */
  readonly mosaic?: number;
}

/** The facts about an annotated picture that a plan needs; an `AnnotatedItem` has them. */
export interface AugmentedItem {
  /** Key of the picture, such as `VOC2012/2007_000032`. */
  readonly key: string;
  /** Size of the picture in pixels. */
  readonly annotation: { readonly width: number; readonly height: number };
}

/**
 * YOLOv1 (arXiv 1506.02640, section 2.2): scale and translation by 20 %, exposure and saturation by a factor of up to
 * 1.5; and mirror images, of which the paper is silent.
 */
export const PAPER_AUGMENTATION: AugmentationSpec = {
  fit: 'stretch',
  flip: 0.5,
  shift: 0.2,
  hsv: { exposure: 1.5, saturation: 1.5 },
};

/** One crop or expansion a picture, flip and colours: enough against overfitting on a thousand pictures. */
export const CROP_EXPAND_AUGMENTATION: AugmentationSpec = {
  fit: 'stretch',
  flip: 0.5,
  zoom: { scale: [0.5, 1.4], aspect: [0.8, 1.25] },
  enhance: { brightness: [0.7, 1.4], colour: [0.7, 1.4], contrast: [0.7, 1.4] },
};

const PLANNED = {
  spec: record('an augmentation', { fit: oneOf(['stretch', 'letterbox']) }),
  item: record('an annotated picture', {
    key: TEXT,
    annotation: record('an annotation', { width: COUNT, height: COUNT }),
  }),
  random: v.instance(Random, 'a Random'),
  others: listOf('a list of annotated pictures'),
};

/**
 * Draws the view of a picture that a training step sees.
 *
 * ```ts
 * const plan = (item, random, items) => planAugmentation(PAPER_AUGMENTATION, item, random, items);
 * new Loader(dataset.items, { size: 448, batchSize: 16, shuffle: true, plan });
 * ```
 *
 * @param spec - Which changes.
 * @param item - The picture.
 * @param random - Equal states draw equal plans.
 * @param others - Where a mosaic takes its other three from. Without any, there is no mosaic.
 * @throws UserError for an argument of another kind.
 */
export function planAugmentation(
  spec: AugmentationSpec,
  item: AugmentedItem,
  random: Random,
  others: readonly AugmentedItem[] = [],
): AugmentationPlan {
  checkArguments('planAugmentation', { spec, item, random, others }, PLANNED);
  const colour = drawColour(spec, random.fork('colour'));
  const tiles =
    random.chance(spec.mosaic ?? 0) && others.length > 0
      ? drawMosaic(spec, item, random, others)
      : [drawTile(spec, item, random, WHOLE)];
  return colour ? { tiles, colour } : { tiles };
}

/**
 * Checks an augmentation that a user wrote.
 *
 * @param spec - As it comes, of whatever type.
 * @throws UserError naming the field, what it is and what was expected.
 */
export function checkAugmentation(spec: AugmentationSpec): void {
  checkArguments('checkAugmentation', { spec }, { spec: record('an augmentation') });
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new UserError(`augmentation.${name}: got ${shown(value)}, expected ${expected}`);
  };
  const names = ['fit', 'flip', 'shift', 'zoom', 'hsv', 'enhance', 'mosaic'];
  const unknown = Object.keys(spec).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      `augmentation: unknown field '${unknown}', did you mean '${closest(unknown, names)}'?`,
    );
  }
  if (spec.fit !== 'stretch' && spec.fit !== 'letterbox') refuse('fit', spec.fit, "'stretch' or 'letterbox'");
  for (const name of ['flip', 'mosaic'] as const) {
    const value = spec[name] ?? 0;
    if (!(value >= 0 && value <= 1)) refuse(name, value, 'a probability from 0 to 1');
  }
  const shift = spec.shift ?? 0;
  if (!(shift >= 0 && shift < 0.5)) refuse('shift', shift, 'a share of the side from 0 to below 0.5');
  for (const name of spec.hsv ? (['exposure', 'saturation'] as const) : []) {
    const value = spec.hsv?.[name] as number;
    if (!(value >= 1)) refuse(`hsv.${name}`, value, 'a factor of at least 1');
  }
  const ranges = { zoom: spec.zoom, enhance: spec.enhance };
  for (const [group, ofGroup] of Object.entries(ranges)) {
    for (const [name, range] of Object.entries(ofGroup ?? {}) as [string, Range][]) {
      const right = Array.isArray(range) && range.length === 2 && range[0] > 0 && range[0] <= range[1];
      if (!right) refuse(`${group}.${name}`, range, 'two numbers above 0, the smaller first');
    }
  }
}

function drawTile(
  spec: AugmentationSpec,
  { key, annotation: picture }: AugmentedItem,
  random: Random,
  place: Tile['place'],
): Tile {
  let window = zoom(picture, spec.zoom?.scale ?? [1, 1], spec.zoom?.aspect ?? [1, 1], random);
  window = shiftEdges(window, picture, spec.shift ?? 0, random);
  if (spec.fit === 'letterbox') {
    window = letterbox(window, (place.right - place.left) / (place.bottom - place.top));
  }
  return { key, window, place, flip: random.chance(spec.flip ?? 0) };
}

/** Four pictures around a centre in the middle half of the input, this one at the upper left. */
function drawMosaic(
  spec: AugmentationSpec,
  item: AugmentedItem,
  random: Random,
  others: readonly AugmentedItem[],
): Tile[] {
  const x = random.uniform(0.25, 0.75);
  const y = random.uniform(0.25, 0.75);
  const places = [
    { left: 0, top: 0, right: x, bottom: y },
    { left: x, top: 0, right: 1, bottom: y },
    { left: 0, top: y, right: x, bottom: 1 },
    { left: x, top: y, right: 1, bottom: 1 },
  ];
  return places.map((place, index) =>
    drawTile(spec, index === 0 ? item : random.pick(others), random, place),
  );
}

function drawColour({ hsv, enhance }: AugmentationSpec, random: Random): ColourChange | undefined {
  if (!hsv && !enhance) return undefined;
  return {
    ...(hsv && {
      exposure: upOrDown(hsv.exposure, random),
      saturation: upOrDown(hsv.saturation, random),
    }),
    ...(enhance && {
      brightness: random.uniform(...enhance.brightness),
      colour: random.uniform(...enhance.colour),
      contrast: random.uniform(...enhance.contrast),
    }),
  };
}

/** A factor between 1 and `largest`, or its inverse: brighter as often as darker. */
function upOrDown(largest: number, random: Random): number {
  const factor = random.uniform(1, largest);
  return random.chance(0.5) ? factor : 1 / factor;
}
