import type { Random } from '../../core/random';
import { type AugmentationPlan, plainPlan, WHOLE } from '../../data/augment/plan';
import type { AnnotatedItem } from '../../data/dataset';

/** The views of a training picture that a frozen backbone sees. */
export interface ViewsConfig {
  /** Each view mirrored as well. */
  flip: boolean;
  /** Random crops besides the whole picture. */
  crops: number;
}

/** The whole picture only, as evaluation sees it. */
export const PLAIN_VIEW: ViewsConfig = { flip: false, crops: 0 };

/** A crop's sides as a share of the picture's, and how far it may be stretched. */
const CROP_SCALE = [0.6, 1] as const;
const CROP_ASPECT = [0.8, 1.25] as const;

/** Number of views of a picture. */
export function viewCount({ flip, crops }: ViewsConfig): number {
  return (1 + crops) * (flip ? 2 : 1);
}

/**
 * One view: the whole picture or a crop, mirrored or not. A crop and its mirror image show the same window.
 *
 * @param view - From 0 to {@link viewCount} - 1; 0 is the plain picture.
 * @param random - The picture's own generator, the same for all views.
 */
export function planView(
  item: AnnotatedItem,
  view: number,
  { flip }: ViewsConfig,
  random: Random,
): AugmentationPlan {
  const mirrored = flip && view % 2 === 1;
  const crop = flip ? view >> 1 : view;
  const { width, height } = item.annotation;
  if (crop === 0) {
    const plan = plainPlan({ key: item.key, width, height });
    return { tiles: plan.tiles.map((tile) => ({ ...tile, flip: mirrored })) };
  }
  const draw = random.fork(`crop ${crop}`);
  const scale = draw.uniform(...CROP_SCALE);
  const stretch = Math.sqrt(draw.uniform(...CROP_ASPECT));
  const w = Math.min(width, width * scale * stretch);
  const h = Math.min(height, (height * scale) / stretch);
  const left = draw.uniform(0, width - w);
  const top = draw.uniform(0, height - h);
  const window = { left, top, right: left + w, bottom: top + h };
  return { tiles: [{ key: item.key, window, place: WHOLE, flip: mirrored }] };
}
