import { escapeMarkup } from '../chart/escapeMarkup';
import { boxesMarkup, classColour, round } from './boxMarkup';
import type { FoundBox } from './detectionsFigure';

/** Width at which a panel is drawn, CSS pixels; its letters then have their size. */
const WIDTH = 240;
/** Ground of an empty frame, the same in every theme: what is drawn on pictures is bright. */
const GROUND = '#2b323a';

/** A photograph with what a detector found in it. */
export interface PhotographPanel {
  /** Pixels of the photograph, in which boxes are. */
  width: number;
  height: number;
  /**
   * `href` of the picture and the name that it gets in the page, or of a picture that already has a name; without it
   * the boxes stand on an empty frame that says so.
   */
  picture?: { href: string; id: string } | { shown: string };
  detections: readonly FoundBox[];
  /** What was to be found, drawn thin and dashed. */
  objects: readonly Pick<FoundBox, 'name' | 'box'>[];
  /** Names of classes, in the order of their colours. */
  classes: readonly string[];
  /** What is seen, in words. */
  alt: string;
}

/** The panel as an SVG element. */
export function photographPanel(panel: PhotographPanel): string {
  const { width, height, detections, objects, classes, alt } = panel;
  const scale = WIDTH / width;
  const high = Math.round(height * scale);
  const truth = objects.map(({ name, box }) => {
    const [left, top] = [round(box.left * scale), round(box.top * scale)];
    const size = `width="${round(box.right * scale - left)}" height="${round(box.bottom * scale - top)}"`;
    return (
      `<g><title>${escapeMarkup(`annotated: ${name}`)}</title>` +
      `<rect x="${left}" y="${top}" ${size} fill="none" stroke="#10151b" stroke-opacity="0.6" stroke-width="2.5"/>` +
      `<rect x="${left}" y="${top}" ${size} fill="none" stroke="#fff" stroke-width="1.2" stroke-dasharray="4 3"/></g>`
    );
  });
  const surestFirst = [...detections].sort((a, b) => b.score - a.score);
  const found = surestFirst.map(({ name, score, box }) => ({
    box,
    colour: classColour(classes.indexOf(name)),
    words: `${name} ${score.toFixed(2)}`,
    title: `${name}, confidence ${score.toFixed(3)}`,
  }));
  return (
    `<svg viewBox="0 0 ${WIDTH} ${high}" width="${WIDTH}" height="${high}" role="img" aria-label="${escapeMarkup(alt)}">` +
    `${ground(panel, high)}${truth.join('')}${boxesMarkup(found, { width: WIDTH, height: high, scale })}</svg>`
  );
}

function ground({ picture }: PhotographPanel, height: number): string {
  if (picture === undefined) {
    return (
      `<rect width="${WIDTH}" height="${height}" fill="${GROUND}"/>` +
      `<text x="8" y="${height - 9}" font-size="10" fill="#c6cdd5">The photograph is not on this machine.</text>`
    );
  }
  if ('shown' in picture) return `<use href="#${escapeMarkup(picture.shown)}"/>`;
  return (
    `<image id="${escapeMarkup(picture.id)}" width="${WIDTH}" height="${height}" preserveAspectRatio="none" ` +
    `href="${escapeMarkup(picture.href)}"/>`
  );
}
