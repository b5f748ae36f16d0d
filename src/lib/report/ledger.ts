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
  /** Who took each name, in words; some are the template's. */
  private readonly names = new Map([
    ['text', 'the page'],
    ['contents-title', 'the page'],
  ]);
  private readonly runIds = new Map<string, string>();
  private readonly references: { id: string; place: Place }[] = [];
  private figures = 0;

  /** Takes a name for a heading: the wanted one, or with a number behind it if that is taken. */
  nameHeading(wanted: string, place: Place): string {
    return this.takeFree(wanted, placeWords(place));
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
   * Takes a figure's label and gives the figure its number.
   *
   * @throws NotebookError if the label is taken.
   */
  nameFigure(label: string, place: Place): number {
    const other = this.names.get(label);
    if (other) throw errorAt(place, `label '${label}' is taken by ${other}; choose another one`);
    this.names.set(label, placeWords(place));
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
