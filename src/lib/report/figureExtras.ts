import type { Figure } from '../chart/figure';
import { NotebookError } from '../errors';
import { collapseFigure } from './collapseFigure';
import type { ReportConfig } from './config';
import { drawingBlock } from './drawing';
import { numberMark } from './ledger';
import { type MarkdownContext, renderInline } from './markdown';

/** What report/config.json wants done with figures of the notebooks, by their labels; one for a page. */
export class FigureExtras {
  private readonly seen = new Set<string>();
  private openingHtml = '';

  /** @param collapse - The script that draws the collapse. */
  constructor(
    private readonly config: Pick<ReportConfig, 'collapseAfter' | 'openingFigure'>,
    private readonly collapse: string,
  ) {}

  /** HTML that goes behind a figure, called for each where it stands. */
  readonly behind = (figure: Figure, context: MarkdownContext): string => {
    const { label } = figure;
    const { collapseAfter, openingFigure } = this.config;
    this.seen.add(label);
    if (label === openingFigure) this.openingHtml = openingBlock(figure, context);
    return label === collapseAfter ? collapseFigure(this.collapse, context.ledger, context.place) : '';
  };

  /** The figure that the page opens with, once its sections are set; empty where none is wanted. */
  get opening(): string {
    return this.openingHtml;
  }

  /** @throws NotebookError for a wanted figure that the page doesn't have. */
  check(): void {
    for (const field of ['collapseAfter', 'openingFigure'] as const) {
      const label = this.config[field];
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
