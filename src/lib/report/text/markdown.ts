import MarkdownIt from 'markdown-it';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { errorAt } from '../read/place';
import { slug } from './crossReferences';
import { embedFigures } from './embeddedFigure';
import { footnoteRule } from './footnoteRule';
import { resolveLink, titleName } from './links';
import { markupRule } from './markupRule';
import { mathRule, shieldPipes } from './mathRule';
import { numberTables, type TableCaption } from './numberedTable';
import type { Page, Spot } from './page';
import { scopedHeads } from './tableHeads';
import { warnOfTypedNumbers } from './typedNumbers';

type Token = ReturnType<MarkdownIt['parse']>[number];

/** Pictures that a browser shows and that can't do anything else. */
const PICTURE_TYPE = /^image\/(?:png|jpeg|gif|webp)$/;
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/;

/**
 * Markdown of a notebook as HTML. Markup in it stays text; its headings get names to link to and an entry in the page's
 * contents.
 *
 * @throws NotebookError with the place for an equation that can't be set, a broken link, a heading without words, or a
 * picture that is not in the notebook.
 */
export function renderMarkdown(source: string, context: Spot): string {
  const tokens = numberTables(embedFigures(MARKDOWN.parse(shieldPipes(source), context), context), context);
  warnOfTyped(tokens, context);
  if (tokens.some(hasStrayMark)) {
    context.page.warn(context.place, "'**' stands in the text as it is; it ends or begins nothing");
  }
  tokens.forEach((token, index) => {
    if (token.type === 'heading_open') nameHeading(token, tokens[index + 1], context);
    if (token.type === 'heading_close') lower(token, context.page);
  });
  return scopedHeads(MARKDOWN.renderer.render(tokens, MARKDOWN.options, context));
}

/** Whether an emphasis was opened or closed once too often: its stars then are text. */
function hasStrayMark({ children }: Token): boolean {
  return children?.some(({ type, content }) => type === 'text' && content.includes('**')) ?? false;
}

/** A line of Markdown, such as a caption, as HTML without a paragraph around it. */
export function renderInline(source: string, context: Spot): string {
  return MARKDOWN.renderInline(source, context);
}

/** As {@link renderInline}, for what an author writes: a caption, a footnote. */
export function renderProse(source: string, context: Spot): string {
  warnOfTyped(MARKDOWN.parseInline(source, context), context);
  return renderInline(source, context);
}

function warnOfTyped(tokens: readonly Token[], { page, place, code }: Spot): void {
  if (page.vouched) warnOfTypedNumbers(tokens, page.vouched, page, place, code);
}

function nameHeading(opening: Token, inline: Token, context: Spot): void {
  const { page, place } = context;
  const isTitle = opening.tag === 'h1';
  const level = lower(opening, page);
  const words = (inline.children ?? []).filter(
    ({ type }) => !type.startsWith('link_') && type !== 'footnote_mark',
  );
  const text = words.map(({ content }) => content).join('');
  if (!text.trim()) throw errorAt(place, 'a heading without words; give it some, or remove it');
  const id = page.nameHeading(isTitle ? titleName(place.notebook) : slug(text), place);
  page.headings.push({
    id,
    level,
    html: MARKDOWN.renderer.renderInline(words, MARKDOWN.options, context),
  });
  opening.attrSet('id', id);
  opening.meta = { id, text };
}

/** Where all pages stand in one, those behind the first are one level lower; six is the lowest. */
function lower(token: Token, { project, address }: Page): number {
  const level = Math.min(6, Number(token.tag[1]) + (project.single && address ? 1 : 0));
  token.tag = `h${level}`;
  return level;
}

const MARKDOWN = makeMarkdown();

function makeMarkdown(): MarkdownIt {
  const markdown = new MarkdownIt({ html: false, linkify: true, typographer: true });
  // Quotation marks become those of a printed text; (c) in a list of exercises is no sign of copyright.
  markdown.disable('replacements');
  // Whole addresses are links, as in JupyterLab; a file's name such as page.md is none.
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  markdown.use(mathRule);
  markdown.use(footnoteRule);
  markdown.use(markupRule);
  // Every address is judged by resolveLink; markdown-it would leave a refused one standing as text.
  markdown.validateLink = () => true;
  const { rules } = markdown.renderer;

  rules.heading_close = (tokens, index) => {
    const { id, text } = tokens[index - 2].meta;
    const label = escapeMarkup(`Link to “${text}”`);
    return ` <a class="anchor" href="#${id}" aria-label="${label}">#</a></${tokens[index].tag}>\n`;
  };
  rules.link_open = (tokens, index, options, env: Spot, renderer) => {
    const end = nextOf('link_close', tokens, index);
    const text = renderer.renderInlineAsText(tokens.slice(index + 1, end), options, env).trim();
    const { href, title, numbered } = resolveLink(String(tokens[index].attrGet('href')), text, env);
    tokens[index].attrSet('href', href);
    if (numbered) {
      for (const token of tokens.slice(index + 1, end)) token.content = '';
      tokens[index + 1].content = numbered.word;
      tokens[end].meta = numbered.number;
    }
    if (title) {
      tokens[index].attrSet('title', title);
      tokens[index].attrSet('class', 'quoted');
    }
    if (/^https?:/i.test(href)) tokens[index].attrSet('rel', 'noopener');
    return renderer.renderToken(tokens, index, options);
  };
  rules.link_close = (tokens, index) => {
    const number = tokens[index].meta;
    return number ? `\u00a0${number}</a>` : '</a>';
  };
  rules.image = (tokens, index, options, env: Spot, renderer) => {
    const { content, children } = tokens[index];
    const alt = renderer.renderInlineAsText(children ?? [], options, env).trim();
    if (!alt) throw errorAt(env.place, `picture '${content || 'without a name'}' lacks its alternative text`);
    const source = pictureSource(String(tokens[index].attrGet('src')), env);
    return `<img src="${escapeMarkup(source)}" alt="${escapeMarkup(alt)}">`;
  };
  rules.fence = (tokens, index, _options, env: Spot) => {
    const language = tokens[index].info.trim().split(/\s/)[0].toLowerCase();
    const code = tokens[index].content.replace(/\n$/, '');
    return `<pre class="listing scroll"><code>${env.page.project.highlight(code, language)}</code></pre>\n`;
  };
  rules.code_block = (tokens, index) =>
    `<pre class="listing scroll"><code>${escapeMarkup(tokens[index].content.replace(/\n$/, ''))}</code></pre>\n`;
  rules.figure_embed = (tokens, index, options, env: Spot, renderer) => {
    const { meta, children } = tokens[index];
    return env.page.embed!(meta, renderer.renderInline(children ?? [], options, env), env.place);
  };
  rules.table_open = (tokens, index, options, env: Spot, renderer) => {
    const table = '<div class="scroll table"><table>\n';
    const meta = tokens[index].meta as TableCaption | null;
    const end = nextOf('table_close', tokens, index);
    tokens[end].meta = meta;
    if (!meta) {
      env.page.warn(
        env.place,
        "a table without a caption; write '[Table (label)](#label): words.' in a paragraph before it",
      );
      return table;
    }
    const caption = renderer.renderInline(meta.caption, options, env);
    const number = env.page.nameNumbered('table', meta.label, env.place);
    return (
      `<figure class="captioned" id="${meta.label}">\n<figcaption>` +
      `<a class="number" href="#${meta.label}">Table ${number}</a> ${caption}</figcaption>\n${table}`
    );
  };
  rules.table_close = (tokens, index) =>
    tokens[index].meta ? '</table></div>\n</figure>\n' : '</table></div>\n';
  return markdown;
}

/** Where the next token of a type is; looked for from here, since a text may have as many as it has letters. */
function nextOf(type: string, tokens: readonly Token[], index: number): number {
  let at = index + 1;
  while (tokens[at].type !== type) at++;
  return at;
}

/** A name as it was written before it became an address; a percent sign that stands for nothing stays. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Only what is inside the notebook: anything else would be a request of the page, or missing for the reader. */
function pictureSource(source: string, { attachments, place }: Spot): string {
  let data = source;
  if (source.startsWith('attachment:')) {
    const name = decode(source.slice('attachment:'.length));
    const forms = Object.entries(attachments?.[name] ?? {});
    const [type, content] = forms.find(([form]) => PICTURE_TYPE.test(form)) ?? forms[0] ?? [];
    if (typeof content !== 'string')
      throw errorAt(place, `attached picture '${name}' is not in the notebook`);
    data = `data:${type};base64,${content}`;
  }
  if (!PICTURE.test(data)) {
    const shown = source.length > 60 ? `${source.slice(0, 57)}...` : source;
    throw errorAt(
      place,
      `picture '${shown}' is not in the notebook; attach it to the cell (PNG, JPEG, GIF or WebP)`,
    );
  }
  return data.replace(/\s/g, '');
}
