import { errorAt, type Place } from '../read/place';

/** A footnote's text and where it stands. */
interface Note {
  text: string;
  place: Place;
}

/** The page that footnotes are on, as far as they know it. */
interface NotedPage {
  nextFootnote(): { number: number; id: string };
  warn(place: Place, problem: string): void;
}

/** Footnotes of one page: what `[^name]` refers to and `[^name]: text` says, in any of its cells. */
export class Footnotes {
  private readonly notes = new Map<string, Note>();
  private readonly used = new Map<string, { number: number; id: string; place: Place }>();

  constructor(private readonly page: NotedPage) {}

  /** @throws NotebookError if the name is taken or the text is empty. */
  define(name: string, text: string, place: Place): void {
    if (this.notes.has(name)) throw errorAt(place, `footnote [^${name}] has two texts`);
    if (!text.trim()) throw errorAt(place, `footnote [^${name}] has no text`);
    this.notes.set(name, { text, place });
  }

  /** HTML of the number that leads to a footnote; the first of them is what the footnote leads back to. */
  refer(name: string, place: Place): string {
    const known = this.used.get(name);
    const { number, id } = known ?? this.page.nextFootnote();
    if (!known) this.used.set(name, { number, id, place });
    const own = known ? '' : ` id="${id}-from"`;
    return `<sup class="note-mark"><a class="note-link"${own} href="#${id}" aria-label="Footnote ${number}">${number}</a></sup>`;
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
    for (const [name, { number, id, place }] of this.used) {
      const note = this.notes.get(name);
      if (!note)
        throw errorAt(
          place,
          `footnote [^${name}] has no text; write '[^${name}]: ...' in a paragraph of its own`,
        );
      items.push(
        `<li id="${id}" value="${number}">${render(note.text, note.place)} ` +
          `<a href="#${id}-from" aria-label="Back to where footnote ${number} is referred to">↩</a></li>`,
      );
    }
    for (const [name, { place }] of this.notes) {
      if (!this.used.has(name)) this.page.warn(place, `footnote [^${name}] is never referred to`);
    }
    return items.length > 0 ? `<ol class="footnotes">\n${items.join('\n')}\n</ol>\n` : '';
  }
}
