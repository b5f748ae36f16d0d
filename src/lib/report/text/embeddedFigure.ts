import type MarkdownIt from 'markdown-it';
import { errorAt } from '../read/place';
import type { Spot } from './page';

type Token = ReturnType<MarkdownIt['parse']>[number];

/**
 * Shows figures, and tables that the build makes, where a paragraph `[Figure (label)](#label): caption` stands, on a page
 * that does so. In an editor or on
 * GitHub it reads as it stands.
 *
 * @returns The tokens with one token `figure_embed` for each such paragraph, the caption's inline tokens in it.
 * @throws NotebookError with the place for a figure without a caption.
 */
export function embedFigures(tokens: readonly Token[], { page, place }: Spot): Token[] {
  if (!page.embed) return [...tokens];
  const kept: Token[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const children = tokens[index].type === 'paragraph_open' ? (tokens[index + 1].children ?? []) : [];
    const label = embeddedLabel(children, tokens[index + 3]);
    if (label === undefined) {
      kept.push(tokens[index]);
      continue;
    }
    const caption = children.slice(3);
    caption[0].content = caption[0].content.replace(/^:\s*/, '');
    if (!caption.some(({ content }) => content.trim()))
      throw errorAt(place, `figure '${label}' lacks its caption`);
    const embed = tokens[index];
    Object.assign(embed, { type: 'figure_embed', tag: '', nesting: 0, children: caption, meta: label });
    kept.push(embed);
    index += 2;
  }
  return kept;
}

function embeddedLabel(
  [opening, word, closing, rest]: readonly Token[],
  next: Token | undefined,
): string | undefined {
  const isLink = opening?.type === 'link_open' && closing?.type === 'link_close' && rest?.type === 'text';
  if (!isLink || !rest.content.startsWith(':')) return undefined;
  const label = /^#(.*)$/.exec(String(opening.attrGet('href')))?.[1];
  // The caption of a table that stands right behind it is numberTables' own.
  const isTable = word.content === `Table (${label})` && next?.type !== 'table_open';
  return isTable || word.content === `Figure (${label})` ? label : undefined;
}
