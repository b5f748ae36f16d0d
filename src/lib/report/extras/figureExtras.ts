import type { Figure } from '../../chart/figure';
import { NotebookError } from '../../errors';
import { drawingBlock } from '../figure/drawing';
import type { ReportConfig } from '../read/config';
import type { Photographs } from '../read/photographs';
import { numberMark } from '../text/crossReferences';
import { type MarkdownContext, renderInline } from '../text/markdown';
import { collapseFigure } from './collapseFigure';
import { photographsFigure } from './photographsFigure';

/** What report/config.json wants done with figures of the notebooks, by their labels; one for a page. */
export class FigureExtras {
  private readonly seen = new Set<string>();
  private openingHtml = '';

  /**
   * @param collapse - The script that draws the collapse.
   * @param inline - Whether photographs are inside the page rather than beside it.
   */
  constructor(
    private readonly config: Pick<ReportConfig, 'collapseAfter' | 'openingFigure'>,
    private readonly collapse: string,
    private readonly photographs: Photographs,
    private readonly inline: boolean,
  ) {}

  /** HTML that goes behind a figure, called for each where it stands. */
  readonly behind = (figure: Figure, context: MarkdownContext): string => {
    const { label } = figure;
    const { collapseAfter, openingFigure } = this.config;
    this.seen.add(label);
    if (label === openingFigure) this.openingHtml = openingBlock(figure, context);
    const explorer =
      label === collapseAfter ? collapseFigure(this.collapse, context.references, context.place) : '';
    const photographs = this.photographs.figures
      .filter(({ after }) => after === label)
      .map((one) => photographsFigure(one, this.photographs, this.inline, context));
    return `${explorer}${photographs.join('')}`;
  };

  /** The figure that the page opens with, once its sections are set; empty where none is wanted. */
  get opening(): string {
    return this.openingHtml;
  }

  /** @throws NotebookError for a wanted figure that the page doesn't have. */
  check(): void {
    const { collapseAfter, openingFigure } = this.config;
    const photographs = this.photographs.figures.map(({ after }) => ['photographs.after', after] as const);
    const wanted = [
      ['collapseAfter', collapseAfter],
      ['openingFigure', openingFigure],
      ...photographs,
    ] as const;
    for (const [field, label] of wanted) {
      if (label === undefined || this.seen.has(label)) continue;
      const known = [...this.seen].join(', ') || 'none';
      throw new NotebookError(
        `report/config.json: '${field}' is '${label}', which is no figure of the page; there are ${known}`,
      );
    }
  }
}

/** The figure again, with the first sentence of its caption and the way to its place. */
function openingBlock({ svg, label, caption }: Figure, context: MarkdownContext): string {
  const [short] = caption.trim().split(/(?<=[.?!])\s+(?=\p{Lu})/u, 1);
  return (
    `<figure class="best">\n${drawingBlock(svg, `opening-${label}-`)}` +
    `<figcaption>${renderInline(short, context)} More under ` +
    `<a href="#${label}">Figure\u00a0${numberMark(label)}</a>.</figcaption>\n</figure>\n`
  );
}
