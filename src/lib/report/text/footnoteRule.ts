import type MarkdownIt from 'markdown-it';
import type { Spot } from './page';

/** Teaches markdown-it footnotes: `[^name]` in text and `[^name]: text` in a paragraph of its own. */
export function footnoteRule(markdown: MarkdownIt): void {
  markdown.block.ruler.before(
    'reference',
    'footnote',
    (state, startLine, endLine, silent) => {
      const line = (index: number) =>
        state.src.slice(state.bMarks[index] + state.tShift[index], state.eMarks[index]);
      const opening = /^\[\^([\w-]+)\]:[ \t]*(.*)$/.exec(line(startLine));
      if (!opening) return false;
      if (silent) return true;
      let next = startLine + 1;
      while (next < endLine && line(next).trim() && !/^\[\^[\w-]+\]:/.test(line(next))) next++;
      const rest = Array.from({ length: next - startLine - 1 }, (_, k) => line(startLine + 1 + k));
      const { page, place } = state.env as Spot;
      page.footnotes.define(opening[1], [opening[2], ...rest].join('\n'), place);
      state.line = next;
      return true;
    },
    { alt: ['paragraph'] },
  );
  markdown.inline.ruler.before('link', 'footnote_mark', (state, silent) => {
    const match = /^\[\^([\w-]+)\]/.exec(state.src.slice(state.pos, state.pos + 80));
    if (!match) return false;
    if (!silent) state.push('footnote_mark', '', 0).content = match[1];
    state.pos += match[0].length;
    return true;
  });
  markdown.renderer.rules.footnote_mark = (tokens, index, _options, env: Spot) =>
    env.page.footnotes.refer(tokens[index].content, env.place);
}
