import type MarkdownIt from 'markdown-it';
import { errorAt } from '../read/place';
import type { Spot } from './page';

type Token = ReturnType<MarkdownIt['parse']>[number];

/** What is told of a table that has a caption. */
export interface TableCaption {
  label: string;
  /** The caption's inline tokens. */
  caption: Token[];
}

/**
 * Gives tables their captions: a paragraph `[Table (label)](#label): caption` right before one is its caption. In a notebook it
 * reads as it stands; on the page the table gets a number and can be linked to.
 *
 * @returns The tokens without those paragraphs; the table's opening token holds a {@link TableCaption} as `meta`.
 * @throws NotebookError with the place for a caption without words or without a table.
 */
export function numberTables(tokens: readonly Token[], { place }: Spot): Token[] {
  const kept: Token[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const children = tokens[index].type === 'paragraph_open' ? (tokens[index + 1].children ?? []) : [];
    const label = captionLabel(children);
    if (label === undefined) {
      kept.push(tokens[index]);
      continue;
    }
    const table = tokens[index + 3];
    if (table?.type !== 'table_open')
      throw errorAt(place, `no table follows the caption of table '${label}'`);
    const caption = children.slice(3);
    caption[0].content = caption[0].content.replace(/^:\s*/, '');
    if (!caption.some(({ content }) => content.trim()))
      throw errorAt(place, `table '${label}' lacks its caption`);
    table.meta = { label, caption } satisfies TableCaption;
    index += 2;
  }
  return kept;
}

function captionLabel([opening, word, closing, rest]: readonly Token[]): string | undefined {
  const isCaption = opening?.type === 'link_open' && closing?.type === 'link_close' && rest?.type === 'text';
  if (!isCaption || !rest.content.startsWith(':')) return undefined;
  const label = /^#(.*)$/.exec(String(opening.attrGet('href')))?.[1];
  return word.content === `Table (${label})` ? label : undefined;
}
