import { errorAt, type Place, placeWords } from '../read/place';

/** A heading of the page, for the table of contents. */
export interface Heading {
  id: string;
  /** HTML of its text, without links. */
  html: string;
  /** 2 for a notebook's title, 3 and more for what is inside. */
  level: number;
}

/** What has a number by which text refers to it. */
export type Numbered = 'figure' | 'table' | 'equation';

/** What has been named, numbered and referred to on the page so far; one for a page. */
export class CrossReferences {
  readonly headings: Heading[] = [];
  /** Things that the author should know and that don't stop the build. */
  readonly warnings: string[] = [];
  /** Who took each name, in words; some are the template's. */
  private readonly names = new Map([
    ['text', 'the page'],
    ['contents-title', 'the page'],
  ]);
  private readonly runIds = new Map<string, string>();
  private readonly references: { id: string; place: Place; kind?: Numbered }[] = [];
  private readonly numbered = new Map<string, { kind: Numbered; number: number }>();
  private readonly citations = new Map<string, string>();
  private readonly counts = { figure: 0, table: 0, equation: 0, footnote: 0 };

  /** Takes a name for a heading: the wanted one, or with a number behind it if that is taken. */
  nameHeading(wanted: string, place: Place): string {
    return this.takeFree(wanted, placeWords(place));
  }

  /** Takes a name that others link to. @throws NotebookError if it is taken. */
  nameAnchor(id: string, place: Place): void {
    this.take('name', id, place);
  }

  private take(what: 'name' | 'label', id: string, place: Place): void {
    const other = this.names.get(id);
    if (other) throw errorAt(place, `${what} '${id}' is taken by ${other}; choose another one`);
    this.names.set(id, placeWords(place));
  }

  /** Takes a name for a part of the page that no notebook holds. */
  namePart(wanted: string): string {
    return this.takeFree(wanted, 'the page');
  }

  private takeFree(wanted: string, owner: string): string {
    let id = wanted;
    for (let n = 2; this.names.has(id); n++) id = `${wanted}-${n}`;
    this.names.set(id, owner);
    return id;
  }

  /** Notes that something on the page comes from a run, and gives the name to link to for what is told of it. */
  useRun(run: string): string {
    let id = this.runIds.get(run);
    if (id === undefined) {
      id = this.namePart(`run-${run.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`);
      this.runIds.set(run, id);
    }
    return id;
  }

  /** Names of the runs used so far, by what to link to. */
  get runs(): ReadonlyMap<string, string> {
    return this.runIds;
  }

  /**
   * Takes a label and gives what has it its number among those of its kind.
   *
   * @throws NotebookError if the label is taken, or is none.
   */
  nameNumbered(kind: Numbered, label: string, place: Place): number {
    if (!/^[a-z][a-z0-9-]*$/.test(label)) {
      throw errorAt(
        place,
        `${kind} with the label '${label.slice(0, 40)}', which is none; expected lower-case letters, digits and hyphens, a letter first`,
      );
    }
    this.take('label', label, place);
    const number = ++this.counts[kind];
    this.numbered.set(label, { kind, number });
    return number;
  }

  /** Number of the next footnote. */
  nextFootnote(): number {
    const number = ++this.counts.footnote;
    this.namePart(`note-${number}`);
    this.namePart(`note-${number}-from`);
    return number;
  }

  /** Notes that a work is cited, and gives the name to link to for its entry. */
  cite(work: string): string {
    const id = this.citations.get(work) ?? this.namePart(`ref-${work}`);
    this.citations.set(work, id);
    return id;
  }

  /** Ids of the works cited so far, with what to link to. */
  get cited(): ReadonlyMap<string, string> {
    return this.citations;
  }

  /**
   * Notes a link inside the page; whether it leads anywhere shows when the page is whole.
   *
   * @param kind - What the link's text says that it leads to.
   */
  refer(id: string, place: Place, kind?: Numbered): void {
    this.references.push({ id, place, kind });
  }

  warn(place: Place, problem: string): void {
    this.warnings.push(`${placeWords(place)}: ${problem}`);
  }

  /** @throws NotebookError for the first link that leads nowhere. */
  checkReferences(): void {
    const broken = this.references.find(({ id }) => !this.names.has(id));
    if (broken) throw errorAt(broken.place, `link to '#${broken.id}', which is not on the page`);
    for (const { id, place, kind } of this.references) {
      const found = this.numbered.get(id)?.kind;
      if (kind && kind !== found) {
        throw errorAt(
          place,
          `link to the ${kind} '#${id}', which is ${found === 'equation' ? 'an equation' : `a ${found ?? 'heading'}`}`,
        );
      }
    }
  }

  /** Puts numbers where {@link numberMark} left room for them; a reference may come before what it refers to. */
  fillNumbers(html: string): string {
    return html
      .replace(MARK, (_, id: string) => String(this.numbered.get(id)?.number ?? ''))
      .replaceAll('\0', '');
  }
}

// No text of the page holds a zero character: it can't be shown.
const MARK = /\0([a-z][a-z0-9-]*)\0/g;

/** Stands for the number of what has a label until the page is whole. */
export function numberMark(label: string): string {
  return `\0${label}\0`;
}

/** A heading's text as a name to link to. */
export function slug(text: string): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^[-\d]+|-+$/g, '');
  return words || 'section';
}
