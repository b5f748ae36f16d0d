import type MarkdownIt from 'markdown-it';
import { errorAt, type Place } from '../read/place';
import type { CrossReferences } from './crossReferences';

/** A footnote's text and where it stands. */
interface Note {
  text: string;
  place: Place;
}

/** Footnotes of one notebook: what `[^name]` refers to and `[^name]: text` says, in any of its cells. */
export class Footnotes {
  private readonly notes = new Map<string, Note>();
  private readonly used = new Map<string, { number: number; place: Place }>();

  constructor(private readonly references: CrossReferences) {}

  /** @throws NotebookError if the name is taken or the text is empty. */
  define(name: string, text: string, place: Place): void {
    if (this.notes.has(name)) throw errorAt(place, `footnote [^${name}] has two texts`);
    if (!text.trim()) throw errorAt(place, `footnote [^${name}] has no text`);
    this.notes.set(name, { text, place });
  }

  /** HTML of the number that leads to a footnote; the first of them is what the footnote leads back to. */
  refer(name: string, place: Place): string {
    const known = this.used.get(name);
    const number = known?.number ?? this.references.nextFootnote();
    if (!known) this.used.set(name, { number, place });
    const id = known ? '' : ` id="note-${number}-from"`;
    return `<sup class="note-mark"><a class="note-link"${id} href="#note-${number}" aria-label="Footnote ${number}">${number}</a></sup>`;
  }

  /**
   * The list of footnotes that were referred to.
   *
   * @param render - Sets a line of Markdown.
   * @throws NotebookError for a reference to a footnote without a text.
   */
  list(render: (text: string, place: Place) => string): string {
    const items: string[] = [];
    // A footnote may refer to another one, which then comes last: the map grows while it is walked.
    for (const [name, { number, place }] of this.used) {
      const note = this.notes.get(name);
      if (!note)
        throw errorAt(
          place,
          `footnote [^${name}] has no text; write '[^${name}]: ...' in a paragraph of its own`,
        );
      items.push(
        `<li id="note-${number}" value="${number}">${render(note.text, note.place)} ` +
          `<a href="#note-${number}-from" aria-label="Back to where footnote ${number} is referred to">↩</a></li>`,
      );
    }
    for (const [name, { place }] of this.notes) {
      if (!this.used.has(name)) this.references.warn(place, `footnote [^${name}] is never referred to`);
    }
    return items.length > 0 ? `<ol class="footnotes">\n${items.join('\n')}\n</ol>\n` : '';
  }
}

interface FootnoteEnvironment {
  place: Place;
  footnotes: Footnotes;
}

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
      const { footnotes, place } = state.env as FootnoteEnvironment;
      footnotes.define(opening[1], [opening[2], ...rest].join('\n'), place);
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
  markdown.renderer.rules.footnote_mark = (tokens, index, _options, env: FootnoteEnvironment) =>
    env.footnotes.refer(tokens[index].content, env.place);
}
