import type { Random } from '../../core/random';
import type { Point } from './shapes';

/** Fills of a shape: plain, striped or dotted, so that no class is known by its surface. */
const SURFACES = ['plain', 'plain', 'striped', 'dotted'] as const;

/**
 * SVG elements of one shape: a soft shadow, a fill from light to dark, a surface, a lighter rim inside the outline.
 * Nothing but the shadow lies outside the outline.
 *
 * @param index - Number of the shape in its picture, for the names of its gradients.
 */
export function drawShape(outline: readonly Point[], index: number, random: Random): string {
  const path = `M${outline.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join('L')}Z`;
  const size = Math.max(...outline.map(([x]) => x)) - Math.min(...outline.map(([x]) => x));
  const hue = random.integer(0, 359);
  const lightness = random.integer(46, 62);
  const light = `hsl(${hue},78%,${lightness + 12}%)`;
  const dark = `hsl(${hue + random.integer(-20, 20)},82%,${lightness - 14}%)`;
  const shadow = (size * 0.03).toFixed(2);
  return (
    '<defs>' +
    `<linearGradient id="fill${index}" x1="0" y1="0" x2="0.5" y2="1"><stop offset="0" stop-color="${light}"/><stop offset="1" stop-color="${dark}"/></linearGradient>` +
    `<clipPath id="cut${index}"><path d="${path}"/></clipPath>` +
    drawSurface(index, size, random) +
    '</defs>' +
    `<path d="${path}" transform="translate(${shadow},${shadow})" fill="black" fill-opacity="0.18" stroke="black" stroke-opacity="0.1" stroke-width="${shadow}" stroke-linejoin="round"/>` +
    `<path d="${path}" fill="url(#fill${index})"/>` +
    `<g clip-path="url(#cut${index})"><path d="${path}" fill="url(#surface${index})" stroke="white" stroke-opacity="0.35" stroke-width="${(size * 0.06).toFixed(2)}" stroke-linejoin="round"/></g>`
  );
}

function drawSurface(index: number, size: number, random: Random): string {
  const surface = random.pick(SURFACES);
  const step = (size * random.uniform(0.12, 0.2)).toFixed(2);
  const marks = {
    plain: '',
    striped: `<rect width="${step}" height="${Number(step) / 2}" fill="white" fill-opacity="0.3"/>`,
    dotted: `<circle cx="${Number(step) / 2}" cy="${Number(step) / 2}" r="${Number(step) / 4}" fill="white" fill-opacity="0.45"/>`,
  }[surface];
  return `<pattern id="surface${index}" width="${step}" height="${step}" patternUnits="userSpaceOnUse" patternTransform="rotate(${random.integer(0, 90)})">${marks}</pattern>`;
}
