import katex from 'katex';
import { errorAt, type Place } from '../read/place';

/** Macros that one equation may expand: an endless definition ends here. */
const MOST_EXPANSIONS = 1000;
/** Longest equation, characters, and the most tokens that one macro may stand for: a thousand long ones fill the memory. */
const LONGEST = 50_000;
const MOST_TOKENS = 200;
/** Longest rule or space that an equation may ask for, em. */
const LARGEST_SIZE = 50;

/** Takes KaTeX's definitions, if they are short. */
const SHORT: ProxyHandler<Record<string, string>> = {
  set: (macros, name, value) => {
    const length = Number(Object(Object(value).tokens).length);
    if (length > MOST_TOKENS)
      throw new Error(`${String(name)} stands for ${length} tokens, expected at most ${MOST_TOKENS}`);
    return Reflect.set(macros, name, value);
  },
};

/** A definition, which here may take the place of an older one: JupyterLab knows fewer commands from the start. */
const NEW_COMMAND = /\\newcommand\s*\{?\s*(\\[A-Za-z]+)\s*\}?/g;

/**
 * Sets an equation as HTML with MathML beside it for screen readers.
 *
 * @param macros - Those that equations before it defined; it adds its own. Default: none.
 * @throws NotebookError with the place and KaTeX's own words if KaTeX can't set it, or only by guessing.
 */
export function setMath(
  tex: string,
  displayMode: boolean,
  place: Place,
  macros: Record<string, string> = {},
): string {
  if (tex.length > LONGEST)
    throw errorAt(place, `an equation of ${tex.length} characters, expected at most ${LONGEST}`);
  try {
    const html = katex.renderToString(tex.replace(NEW_COMMAND, '\\providecommand{$1}{}\\renewcommand{$1}'), {
      displayMode,
      output: 'htmlAndMathml',
      throwOnError: true,
      strict: 'error',
      trust: false,
      macros: new Proxy(macros, SHORT),
      globalGroup: true,
      maxExpand: MOST_EXPANSIONS,
      maxSize: LARGEST_SIZE,
    });
    // KaTeX puts a space into some tags of its MathML that checkers of HTML stumble over.
    return html.replace(/<mtd class =/g, '<mtd class=');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^KaTeX parse error: /, '') : String(error);
    throw errorAt(place, `KaTeX can't set the equation '${shorten(tex)}': ${reason.replace(/\s+/g, ' ')}`);
  }
}

function shorten(tex: string): string {
  const line = tex.trim().replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
