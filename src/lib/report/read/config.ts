import { readFile } from 'node:fs/promises';
import { NotebookError } from '../../errors';
import { requireText } from './fields';
import { type PhotographsConfig, readPhotographsConfig } from './photographsConfig';

/** A link of the page's frame. */
export interface FrameLink {
  text: string;
  /** Address, relative to the page or whole. */
  href: string;
}

/** report/config.json: what the page's frame says. */
export interface ReportConfig {
  title: string;
  /** What stands under the title. */
  lead: string;
  /** For search engines and link previews. */
  description: string;
  back: FrameLink;
  /** Where the project's root is, ends with a slash; links to its files begin with it. */
  source: FrameLink;
  /** Label of the figure behind which the collapse can be explored; without it the page has no such figure. */
  collapseAfter?: string;
  /** Label of the figure that the page opens with; without it the opening has none. */
  openingFigure?: string;
  /** Figures with photographs of the user's own data; there may be none. */
  photographs: readonly PhotographsConfig[];
}

/** @throws NotebookError with the file and the field for a configuration that can't be used. */
export async function readReportConfig(path: string): Promise<ReportConfig> {
  let config: unknown;
  try {
    config = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new NotebookError(
      `${path}: ${error instanceof Error ? error.message : error}; expected a JSON file`,
    );
  }
  const { title, lead, description, back, source, photographs, ...labels } = Object(config) as Record<
    string,
    unknown
  >;
  const text = (value: unknown, field: string) => requireText(value, path, field);
  const link = (value: unknown, field: string): FrameLink => {
    const href = text(Object(value).href, `${field}.href`);
    if (/^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(href)) {
      throw new NotebookError(
        `${path}: '${field}.href' is '${href}', expected http, https or a relative address`,
      );
    }
    return { text: text(Object(value).text, `${field}.text`), href };
  };
  const label = (field: 'collapseAfter' | 'openingFigure') =>
    labels[field] === undefined ? {} : { [field]: text(labels[field], field) };
  return {
    title: text(title, 'title'),
    lead: text(lead, 'lead'),
    description: text(description, 'description'),
    back: link(back, 'back'),
    source: link(source, 'source'),
    ...label('collapseAfter'),
    ...label('openingFigure'),
    photographs: photographs === undefined ? [] : readPhotographsConfig(photographs, path),
  };
}
