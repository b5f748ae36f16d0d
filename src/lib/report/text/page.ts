import type { Figure } from '../../chart/figure';
import type { Facts } from '../read/facts';
import type { NotebookOrigin } from '../read/notebookOrigin';
import { type Place, placeWords } from '../read/place';
import type { Runs } from '../read/runs';
import type { CrossReferences, Numbered } from './crossReferences';
import { Footnotes } from './footnotes';
import type { Highlight } from './highlight';

/** What text on any page is checked against and links to. */
export interface Project {
  /** The project's root on disk and, from it, the folder of the notebooks, with forward slashes. */
  root: string;
  folder: string;
  /** Address of the project's root as the site's first page links to it; ends with a slash. */
  source: string;
  /** File names of the notebooks. */
  notebooks: readonly string[];
  /** Ids of the works that can be cited. */
  works: ReadonlyMap<string, unknown>;
  /** Runs by name. */
  stored: Runs;
  /** What the text can quote. */
  facts: Facts;
  highlight: Highlight;
  references: CrossReferences;
  /** Whether all pages stand in one file. */
  single: boolean;
}

/** A heading of a page, for its contents. */
export interface Heading {
  id: string;
  /** HTML of its text, without links. */
  html: string;
  /** 1 for the page's title. */
  level: number;
}

/** A page of the site while it is written: what is on it so far, and all that its text needs to know. */
export class Page {
  readonly headings: Heading[] = [];
  readonly footnotes = new Footnotes(this);
  /** Numbers that may stand in text as they are; without them none is looked at. */
  vouched: ReadonlySet<string> | undefined;
  /** What the notebook's outputs were made from, as far as it is noted. */
  origin: NotebookOrigin | undefined;
  /** Shows a figure where its label stands in text, or two side by side, if that is done on this page. */
  embed: ((labels: readonly string[], caption: string, place: Place) => string) | undefined;
  /** Commands that its equations have defined. */
  readonly macros: Record<string, string> = {};
  /** Figures of its own, as they came. */
  readonly figures: Figure[] = [];
  private readonly counts = { figure: 0, table: 0, equation: 0 };
  private notes = 0;
  private readonly warned = new Set<string>();

  /**
   * @param address - Its folder from the site's root: empty for the first page, else such as `memory/`.
   * @param chapter - Goes before its numbers, such as `2` in Figure 2.1; empty for none.
   */
  constructor(
    readonly project: Project,
    readonly address: string,
    readonly chapter = '',
  ) {}

  /** The way from the page to the site's root. */
  get up(): string {
    return this.address && !this.project.single ? '../' : '';
  }

  /** Address of a file or folder of the project, from its root. */
  sourceOf(path: string): string {
    const { source } = this.project;
    const start = /^(?:https?:|\/)/.test(source) ? source : `${this.up}${source}`;
    return `${start}${path.split('/').map(encodeURIComponent).join('/')}`;
  }

  nameHeading(wanted: string, place: Place): string {
    return this.project.references.takeFree(wanted, this.address, placeWords(place));
  }

  /** Takes a name that others link to. @throws NotebookError if it is taken. */
  nameAnchor(id: string, place: Place): void {
    this.project.references.take('name', id, this.address, place);
  }

  /** Takes a name for a part of the page that no notebook holds. */
  namePart(wanted: string): string {
    return this.project.references.takeFree(wanted, this.address, 'a part of the page');
  }

  /**
   * Takes a label and gives what has it its number among those of its kind.
   *
   * @throws NotebookError if the label is taken, or is none.
   */
  nameNumbered(kind: Numbered, label: string, place: Place): string {
    const number = `${this.chapter && `${this.chapter}.`}${this.counts[kind] + 1}`;
    this.project.references.takeNumbered(kind, label, number, this.address, place);
    this.counts[kind]++;
    return number;
  }

  /** Number of the page's next footnote, and the name of its text. */
  nextFootnote(): { number: number; id: string } {
    const number = ++this.notes;
    const id = this.namePart(`${this.chapter && `c${this.chapter}-`}note-${number}`);
    this.namePart(`${id}-from`);
    return { number, id };
  }

  /** Notes a link; whether it leads anywhere shows when the site is whole. */
  refer(id: string, place: Place, kind?: Numbered): void {
    this.project.references.refer({ id, page: this.address, place, kind });
  }

  warn(place: Place, problem: string): void {
    this.project.references.warnings.push(`${placeWords(place)}: ${problem}`);
  }

  /** As {@link warn}, but the same words only once on the page. */
  warnOnce(place: Place, problem: string): void {
    if (this.warned.has(problem)) return;
    this.warned.add(problem);
    this.warn(place, problem);
  }
}

/** Where something is written: the page, and the cell or file that it comes from. */
export interface Spot {
  page: Page;
  place: Place;
  /** Of an output, the code that made it. */
  code?: string;
  /** Pictures that a cell carries: data by MIME type by name. */
  attachments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
