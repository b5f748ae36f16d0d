import type MarkdownIt from 'markdown-it';
import type { Spot } from './page';

type Token = ReturnType<MarkdownIt['parse']>[number];

/** Elements that only say how words are set, written without attributes. */
const ELEMENT = /^<(\/?)(sub|sup|kbd|b|i|em|strong|u|s|mark|small|code|var|q)>/;
const BREAK = /^<br *\/?>/;
/** Any other element, to be named. */
const OTHER = /^<\/?([a-z][a-z0-9-]*)(?=[\s/>])[^<>]*>/i;

/**
 * Teaches markdown-it the little markup that notebooks have in their text: comments are left out, `<br>`, `<sub>` and the
 * like do what they say where they are opened and closed in one line of thought. All else stays text, with a warning
 * that names it.
 */
export function markupRule(markdown: MarkdownIt): void {
  markdown.block.ruler.before(
    'paragraph',
    'comment',
    (state, startLine, endLine, silent) => {
      const start = state.bMarks[startLine] + state.tShift[startLine];
      const end = commentEnd(state, start);
      if (end === undefined || end > state.eMarks[endLine - 1]) return false;
      let line = startLine;
      while (state.eMarks[line] < end) line++;
      // What follows on the line is text, and the comment is left out of it by the rule below.
      if (!state.src.slice(start, state.eMarks[line]).trimEnd().endsWith('-->')) return false;
      if (!silent) state.line = line + 1;
      return true;
    },
    { alt: ['paragraph'] },
  );
  markdown.inline.ruler.before('autolink', 'markup', (state, silent) => {
    if (state.src[state.pos] !== '<') return false;
    const end = commentEnd(state, state.pos);
    if (end !== undefined) {
      state.pos = end;
      return true;
    }
    const rest = state.src.slice(state.pos);
    const [line] = BREAK.exec(rest) ?? [];
    if (line !== undefined) {
      if (!silent) state.push('hardbreak', 'br', 0);
      state.pos += line.length;
      return true;
    }
    const [whole, closing, name] = ELEMENT.exec(rest) ?? OTHER.exec(rest) ?? [];
    if (whole === undefined) return false;
    if (!silent) {
      const token = state.push(name === undefined ? 'markup_other' : 'markup', '', 0);
      token.content = whole;
      token.meta = name === undefined ? closing : { name, isClosing: closing === '/' };
    }
    state.pos += whole.length;
    return true;
  });
  markdown.core.ruler.push('markup_pairs', ({ tokens }) => {
    for (const { children } of tokens) pair(children ?? []);
  });
  markdown.renderer.rules.markup = (tokens, index) => {
    const { content, meta } = tokens[index];
    return meta.isPaired ? content : markdown.utils.escapeHtml(content);
  };
  markdown.renderer.rules.markup_other = (tokens, index, _options, { page, place }: Spot) => {
    const { content, meta } = tokens[index];
    page.warnOnce(
      place,
      `'<${String(meta).toLowerCase()}>' stands in the text as it is; write Markdown, or show it with lib.display.html`,
    );
    return markdown.utils.escapeHtml(content);
  };
}

/** Texts in which no further comment ends; to look again would take time by the square of their length. */
const endless = new WeakSet<object>();

/** Where the comment that begins there ends; undefined if none does. */
function commentEnd(state: { src: string }, start: number): number | undefined {
  if (!state.src.startsWith('<!--', start) || endless.has(state)) return undefined;
  const end = state.src.indexOf('-->', start + 4);
  if (end >= 0) return end + 3;
  endless.add(state);
  return undefined;
}

/** Marks elements that are opened and closed in the same line, each inside the one around it. */
function pair(tokens: readonly Token[]): void {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.type !== 'markup') continue;
    if (!token.meta.isClosing) open.push(token);
    else if (open.at(-1)?.meta.name === token.meta.name) {
      open.pop()!.meta.isPaired = true;
      token.meta.isPaired = true;
    }
  }
}
