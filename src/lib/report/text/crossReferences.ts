import { errorAt, type Place, placeWords } from '../read/place';

/** Addresses of the pages that every other one leads to. */
export const RUNS_PAGE = 'runs/';
export const REFERENCES_PAGE = 'references/';
/** Address of the page on which a detector is tried: only where there is one, and not in a single file. */
export const TRY_PAGE = 'try/';

/** What has a number by which text refers to it. */
export type Numbered = 'figure' | 'table' | 'equation';

/** Something that can be linked to: the page it is on, and who named it, in words. */
interface Target {
  /** Address of its page's folder from the site's root: empty, or `memory/`. */
  page: string;
  owner: string;
  kind?: Numbered;
  number?: string;
}

/** A link inside the site, from a page. */
interface Reference {
  id: string;
  page: string;
  place: Place;
  kind?: Numbered;
}

/**
 * What has been named and referred to on the pages of the site. Names are unique in the whole site, so that text links
 * to `#name` wherever it stands, and all pages can be put into one file.
 */
export class CrossReferences {
  /** Things that the author should know and that don't stop the build. */
  readonly warnings: string[] = [];
  private readonly targets = new Map<string, Target>();
  /** The last number that was put behind a name, so that ten thousand equal headings are not counted through each time. */
  private readonly lastNumbers = new Map<string, number>();
  private readonly aliases = new Map<string, string>();
  private readonly references: Reference[] = [];
  /** Pages by address, with the names of their titles; those of a single file are parts of it. */
  private readonly pages = new Map<string, string>();
  private readonly pageLinks: { address: string; place: Place }[] = [];
  private readonly runIds = new Map<string, string>();
  private readonly citations = new Map<string, string>();

  /** @param reserved - Names that the template gives on every page. */
  constructor(reserved: readonly string[]) {
    for (const id of reserved) this.targets.set(id, { page: '', owner: 'the page' });
  }

  /** Takes a name: the wanted one, or with a number behind it if that is taken. */
  takeFree(wanted: string, page: string, owner: string): string {
    let id = wanted;
    let n = this.lastNumbers.get(wanted) ?? 1;
    while (this.targets.has(id)) id = `${wanted}-${++n}`;
    this.lastNumbers.set(wanted, n);
    this.targets.set(id, { page, owner });
    return id;
  }

  /** Takes a name that others link to. @throws NotebookError if it is taken. */
  take(what: 'name' | 'label', id: string, page: string, place: Place): Target {
    const other = this.targets.get(id)?.owner;
    if (other) throw errorAt(place, `${what} '${id}' is taken by ${other}; choose another one`);
    const target = { page, owner: placeWords(place) };
    this.targets.set(id, target);
    return target;
  }

  /** Takes a label with a number. @throws NotebookError if the label is taken, or is none. */
  takeNumbered(kind: Numbered, label: string, number: string, page: string, place: Place): void {
    if (!/^[a-z][a-z0-9-]*$/.test(label)) {
      throw errorAt(
        place,
        `${kind} with the label '${label.slice(0, 40)}', which is none; expected lower-case letters, digits and hyphens, a letter first`,
      );
    }
    Object.assign(this.take('label', label, page, place), { kind, number });
  }

  /** On a page that shows a figure of another one again, its label leads to where it stands there. */
  alias(page: string, label: string, id: string): void {
    this.aliases.set(`${page}#${label}`, id);
  }

  /** Name to link to for what is told of a run, on the page of all runs. */
  runId(run: string): string {
    const wanted = `run-${run.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
    const id = this.runIds.get(run) ?? this.takeFree(wanted, RUNS_PAGE, 'a run');
    this.runIds.set(run, id);
    return id;
  }

  /** Notes that a work is cited, and gives the name to link to for its entry. */
  cite(work: string): string {
    const id = this.citations.get(work) ?? this.takeFree(`ref-${work}`, REFERENCES_PAGE, 'a reference');
    this.citations.set(work, id);
    return id;
  }

  /** Ids of the works cited so far, with what to link to. */
  get cited(): ReadonlyMap<string, string> {
    return this.citations;
  }

  /** Notes a link; whether it leads anywhere shows when the site is whole. */
  refer(reference: Reference): void {
    this.references.push(reference);
  }

  /** Notes a page of the site. @param title - Name of its title. */
  addPage(address: string, title: string): void {
    this.pages.set(address, title);
  }

  /** Notes a link to a page, and gives what to write for its address until the site is whole. */
  referPage(address: string, place: Place): string {
    this.pageLinks.push({ address, place });
    return `#${PAGE_MARK}${address}`;
  }

  /** @throws NotebookError for the first link that leads nowhere, or to something else than its text says. */
  check(): void {
    const broken = this.references.find(({ id, page }) => !this.find(id, page));
    if (broken) throw errorAt(broken.place, `link to '#${broken.id}', which is not on the page`);
    const lost = this.pageLinks.find(({ address }) => !this.pages.has(address) && address !== TRY_PAGE);
    if (lost) {
      const known = [...this.pages.keys()].filter(Boolean).join(', ');
      throw errorAt(
        lost.place,
        `link to '${lost.address}', which is no page of the site; there are ${known}`,
      );
    }
    for (const { id, page, place, kind } of this.references) {
      const found = this.find(id, page)?.kind;
      if (kind && kind !== found) {
        throw errorAt(
          place,
          `link to the ${kind} '#${id}', which is ${found === 'equation' ? 'an equation' : `a ${found ?? 'heading'}`}`,
        );
      }
    }
  }

  /** Attribute of a link to a page; none, so that the words stand alone, where the page to try is not there. */
  private pageHref(address: string, page: string, whole: boolean): string {
    const title = this.pages.get(address);
    if (title === undefined) return '';
    return ` href="${whole ? `#${title}` : pathBetween(page, address)}"`;
  }

  private find(id: string, page: string): Target | undefined {
    return this.targets.get(this.aliases.get(`${page}#${id}`) ?? id);
  }

  /**
   * Makes links of a page lead to the pages of what they name, and puts numbers where {@link numberMark} left room.
   *
   * @param page - Address of the page that the HTML is of.
   * @param whole - Whether all pages stand in one file.
   */
  resolve(html: string, page: string, whole: boolean): string {
    return html
      .replace(/ href="#([^"]*)"/g, (link, name: string) => {
        if (name.startsWith(PAGE_MARK)) return this.pageHref(name.slice(PAGE_MARK.length), page, whole);
        const id = name.startsWith(PAST_ALIAS)
          ? name.slice(PAST_ALIAS.length)
          : (this.aliases.get(`${page}#${name}`) ?? name);
        const target = this.targets.get(id);
        if (!target || whole || target.page === page || target.owner === 'the page')
          return target ? ` href="#${id}"` : link;
        return ` href="${pathBetween(page, target.page)}#${id}"`;
      })
      .replace(MARK, (_, id: string) => this.find(id, page)?.number ?? '')
      .replaceAll('\0', '');
  }
}

/** Before the address of a page. */
const PAGE_MARK = '/';

/** Before a label: the figure itself, not where it stands again on this page. */
export const PAST_ALIAS = '=';

/** The way from one page to another; with the file's name, since a site on disk has nobody who would add it. */
export function pathBetween(from: string, to: string): string {
  return `${from ? '../' : ''}${to}index.html`;
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
