import { NotebookError } from '../../errors';
import type { ReportConfig } from '../read/config';
import type { Photographs } from '../read/photographs';
import type { Place } from '../read/place';
import type { Page, Project } from '../text/page';
import { ALL_RUNS, allRunsFigure, type PublishedResult } from './allRunsFigure';
import { COLLAPSE, collapseFigure } from './collapseFigure';
import { photographsFigure } from './photographsFigure';

/** Draws a figure where it stands, under the name that it has there. */
type Draw = (page: Page, place: Place, label: string, caption?: string) => string;

/** Figures that the build draws rather than a notebook: what report/config.json wants of them, by their labels. */
export class Extras {
  private readonly figures: ReadonlyMap<string, Draw>;
  private readonly shown = new Set<string>();

  /** @param collapse - The script that draws the collapse. */
  constructor(
    private readonly config: ReportConfig,
    collapse: string,
    photographs: Photographs,
    project: Project,
  ) {
    const { stored } = project;
    const results = (place: Place): PublishedResult[] =>
      (config.experiments ?? []).map(({ name, published }) => ({
        name,
        map: Number(project.facts.get(SOURCES_FILE, `original.${published}`, place)),
      }));
    this.figures = new Map<string, Draw>([
      [COLLAPSE, (page, place, label, caption) => collapseFigure(collapse, { page, place }, label, caption)],
      [
        ALL_RUNS,
        (page, place, label, caption = '') =>
          allRunsFigure([...stored.values()], results(place), { page, place }, label, caption),
      ],
      ...photographs.figures.map((figure): [string, Draw] => [
        figure.label,
        (page, _place, label, caption) => photographsFigure(figure, photographs, page, label, caption),
      ]),
    ]);
  }

  /** Labels of all that can be drawn. */
  get labels(): string[] {
    return [...this.figures.keys()];
  }

  /** A figure in its place in the article; undefined if there is none of the label. */
  draw(label: string, page: Page, place: Place, id: string, caption: string): string | undefined {
    return this.figures.get(label)?.(page, place, id, caption);
  }

  /** What stands behind a figure of a notebook. */
  behind(label: string, page: Page, place: Place): string {
    this.shown.add(label);
    const { collapseAfter, photographs = [] } = this.config;
    const wanted = photographs.filter(({ after }) => after === label).map((figure) => figure.label);
    if (label === collapseAfter) wanted.unshift(COLLAPSE);
    return wanted.map((one) => this.figures.get(one)!(page, place, one)).join('');
  }

  /** @throws NotebookError for a figure that is to stand behind one which no notebook has. */
  check(): void {
    const { collapseAfter, photographs = [] } = this.config;
    const wanted = [
      ['collapseAfter', collapseAfter],
      ...photographs.map(({ after }) => ['photographs.after', after]),
    ];
    for (const [field, label] of wanted) {
      if (label === undefined || this.shown.has(label)) continue;
      const known = [...this.shown].join(', ') || 'none';
      throw new NotebookError(
        `report/config.json: '${field}' is '${label}', which is no figure of a notebook; there are ${known}`,
      );
    }
  }
}

/** Figures from outside of the project. */
const SOURCES_FILE = 'report/sources.json';
