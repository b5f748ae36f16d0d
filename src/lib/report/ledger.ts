import { errorAt, type Place, placeWords } from './place';

/** A heading of the page, for the table of contents. */
export interface Heading {
  id: string;
  /** HTML of its text, without links. */
  html: string;
  /** 2 for a notebook's title, 3 and more for what is inside. */
  level: number;
}

/** What has been named, numbered and referred to on the page so far; one for a page. */
export class Ledger {
  readonly headings: Heading[] = [];
  /** Things that the author should know and that don't stop the build. */
  readonly warnings: string[] = [];
  private readonly names = new Map<string, Place>();
  private readonly references: { id: string; place: Place }[] = [];
  private figures = 0;

  /** Takes a name for a heading: the wanted one, or with a number behind it if that is taken. */
  nameHeading(wanted: string, place: Place): string {
    let id = wanted;
    for (let n = 2; this.names.has(id); n++) id = `${wanted}-${n}`;
    this.names.set(id, place);
    return id;
  }

  /**
   * Takes a figure's label and gives the figure its number.
   *
   * @throws NotebookError if the label is taken.
   */
  nameFigure(label: string, place: Place): number {
    const other = this.names.get(label);
    if (other) throw errorAt(place, `label '${label}' is taken by ${placeWords(other)}; choose another one`);
    this.names.set(label, place);
    return ++this.figures;
  }

  /** Notes a link inside the page; whether it leads anywhere shows when the page is whole. */
  refer(id: string, place: Place): void {
    this.references.push({ id, place });
  }

  warn(place: Place, problem: string): void {
    this.warnings.push(`${placeWords(place)}: ${problem}`);
  }

  /** @throws NotebookError for the first link that leads nowhere. */
  checkReferences(): void {
    const broken = this.references.find(({ id }) => !this.names.has(id));
    if (broken) throw errorAt(broken.place, `link to '#${broken.id}', which is not on the page`);
  }
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
