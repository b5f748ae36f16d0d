import type MarkdownIt from 'markdown-it';
import { errorAt } from '../read/place';
import type { Spot } from './page';

type Token = ReturnType<MarkdownIt['parse']>[number];

/**
 * Shows figures, and tables that the build makes, where a paragraph `[Figure (label)](#label): caption` stands, on a page
 * that does so; two with `and` between them stand side by side. In an editor or on GitHub it reads as it stands.
 *
 * @returns The tokens with one token `figure_embed` for each such paragraph, the caption's inline tokens in it and the labels
 * as its `meta`.
 * @throws NotebookError with the place for a figure without a caption.
 */
export function embedFigures(tokens: readonly Token[], { page, place }: Spot): Token[] {
  if (!page.embed) return [...tokens];
  const kept: Token[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const children = tokens[index].type === 'paragraph_open' ? (tokens[index + 1].children ?? []) : [];
    const labels = embeddedLabels(children, tokens[index + 3]);
    if (labels.length === 0) {
      kept.push(tokens[index]);
      continue;
    }
    const caption = children.slice(4 * labels.length - 1);
    caption[0].content = caption[0].content.replace(/^:\s*/, '');
    if (!caption.some(({ content }) => content.trim()))
      throw errorAt(place, `figure '${labels.join("' and '")}' lacks its caption`);
    const embed = tokens[index];
    Object.assign(embed, { type: 'figure_embed', tag: '', nesting: 0, children: caption, meta: labels });
    kept.push(embed);
    index += 2;
  }
  return kept;
}

function embeddedLabels(
  [opening, word, closing, rest, ...more]: readonly Token[],
  next: Token | undefined,
): string[] {
  const isLink = opening?.type === 'link_open' && closing?.type === 'link_close' && rest?.type === 'text';
  const label = isLink && /^#(.*)$/.exec(String(opening.attrGet('href')))?.[1];
  if (!label) return [];
  const isFigure = word.content === `Figure (${label})`;
  if (isFigure && rest.content === ' and ') {
    const others = embeddedLabels(more, next);
    return others.length > 0 ? [label, ...others] : [];
  }
  // The caption of a table that stands right behind it is numberTables' own.
  const isTable = word.content === `Table (${label})` && next?.type !== 'table_open';
  return rest.content.startsWith(':') && (isTable || isFigure) ? [label] : [];
}
