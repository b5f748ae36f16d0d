import katex from 'katex';
import { errorAt, type Place } from '../read/place';

/** Macros that one equation may expand: an endless definition ends here. */
const MOST_EXPANSIONS = 1000;
/** Longest rule or space that an equation may ask for, em. */
const LARGEST_SIZE = 50;

/**
 * Sets an equation as HTML with MathML beside it for screen readers.
 *
 * @throws NotebookError with the place and KaTeX's own words if KaTeX can't set it, or only by guessing.
 */
export function setMath(tex: string, displayMode: boolean, place: Place): string {
  try {
    const html = katex.renderToString(tex, {
      displayMode,
      output: 'htmlAndMathml',
      throwOnError: true,
      strict: 'error',
      trust: false,
      maxExpand: MOST_EXPANSIONS,
      maxSize: LARGEST_SIZE,
    });
    // KaTeX puts a space into some tags of its MathML that checkers of HTML stumble over.
    return html.replace(/<mtd class =/g, '<mtd class=');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^KaTeX parse error: /, '') : String(error);
    throw errorAt(
      place,
      `KaTeX can't set the equation '${shorten(tex)}': ${reason.replace(/\s*\n\s*/g, ' ')}`,
    );
  }
}

function shorten(tex: string): string {
  const line = tex.trim().replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
