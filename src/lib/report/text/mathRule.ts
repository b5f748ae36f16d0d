import type MarkdownIt from 'markdown-it';
import { errorAt } from '../read/place';
import { setMath } from './math';
import type { Spot } from './page';

/**
 * Teaches markdown-it the equations that JupyterLab shows: `$inline$`, `$$display$$` and bare
 * `\begin{align} ... \end{align}`.
 */
export function mathRule(markdown: MarkdownIt): void {
  markdown.block.ruler.before('fence', 'math_block', mathBlock, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  markdown.inline.ruler.before('escape', 'math_brackets', mathBrackets);
  markdown.inline.ruler.after('escape', 'math_inline', mathInline);
  markdown.renderer.rules.math_block = (tokens, index, _options, env: Spot) =>
    equationBlock(tokens[index].content, env);
  markdown.renderer.rules.math_inline = (tokens, index, _options, env: Spot) => {
    const { content, markup, meta } = tokens[index];
    const html = setMath(content, markup === '$$', env.place, env.page.macros);
    return meta ? `<span class="unbroken">${meta.before}${html}${meta.behind}</span>` : html;
  };
  markdown.core.ruler.push('math_punctuation', ({ tokens }) => {
    for (const { children } of tokens) keepPunctuation(children ?? []);
  });
}

/** Brackets and stops at a short equation go with it, so that no line begins or ends with what belongs to it. */
function keepPunctuation(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    if (token.type !== 'math_inline' || token.markup === '$$' || token.content.length > LONGEST_UNBROKEN)
      return;
    const take = (other: Token | undefined, what: RegExp) => {
      const taken = other?.type === 'text' ? (what.exec(other.content)?.[0] ?? '') : '';
      if (other && taken) other.content = other.content.replace(what, '');
      return taken;
    };
    const before = take(tokens[index - 1], /[([“‘]+$/);
    const behind = take(tokens[index + 1], /^[.,;:!?)\]’”]+/);
    if (before || behind) token.meta = { before, behind };
  });
}

/** A tag that is a label; any other stays what it says. */
const LABEL = /\s*\\tag\{([a-z][a-z0-9-]*)\}/g;
/** Environments that number their lines by themselves, each page from 1, which no reference could follow. */
const NUMBERING = /\\(begin|end)\{(equation|align|gather|alignat)\}/g;

/** A displayed equation; `\tag{label}` in it, which notebooks show as it is, gets it a number and a name to link to. */
function equationBlock(source: string, { page, place }: Spot): string {
  const labels = [...source.matchAll(LABEL)].map((match) => match[1]);
  if (labels.length > 1)
    throw errorAt(place, `an equation has the labels ${labels.join(', ')}, expected one`);
  const tex = source.replace(LABEL, '').replace(NUMBERING, '\\$1{$2*}');
  const equation = `<div class="equation scroll">${setMath(tex, true, place, page.macros)}</div>\n`;
  if (labels.length === 0) return equation;
  const [label] = labels;
  const number = page.nameNumbered('equation', label, place);
  return (
    `<div class="numbered" id="${label}">\n${equation}` +
    `<a class="tag" href="#${label}" aria-label="Equation ${number}">(${number})</a></div>\n`
  );
}

/** Characters of an equation that is kept in one line with what stands at it. */
const LONGEST_UNBROKEN = 40;

type Token = ReturnType<MarkdownIt['parse']>[number];
type BlockRule = Parameters<MarkdownIt['block']['ruler']['before']>[2];
type InlineRule = Parameters<MarkdownIt['inline']['ruler']['after']>[2];

const mathBlock: BlockRule = (state, startLine, endLine, silent) => {
  const begin = state.bMarks[startLine] + state.tShift[startLine];
  const first = state.src.slice(begin, state.eMarks[startLine]);
  const environment = /^\\begin\{([a-z]+\*?)\}/.exec(first)?.[1];
  const opening = environment ? '' : '$$';
  if (!environment && !first.startsWith(opening)) return false;
  const closing = environment ? `\\end{${environment}}` : '$$';
  // A line such as `$$a$$ and more` is a paragraph with a displayed equation in it.
  if (!environment && first.indexOf(closing, 2) >= 0 && !first.trimEnd().endsWith(closing)) return false;
  const place = (state.env as Spot).place;

  let line = startLine;
  let part = first.slice(opening.length);
  let text = part;
  while (!part.includes(closing)) {
    line++;
    if (line >= endLine) throw errorAt(place, `an equation is opened by '${first.trim()}' and never closed`);
    part = state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
    text += `\n${part}`;
  }
  const end = text.indexOf(closing);
  if (text.slice(end + closing.length).trim()) {
    throw errorAt(place, `text follows on the line that ends an equation: '${text.slice(end).trim()}'`);
  }
  if (silent) return true;
  const token = state.push('math_block', 'div', 0);
  token.block = true;
  token.content = environment ? text.slice(0, end + closing.length) : text.slice(0, end);
  token.map = [startLine, line + 1];
  state.line = line + 1;
  return true;
};

/** Signs of an equation rather than a price, between dollars with spaces inside them. */
const LOOKS_LIKE_TEX = /[\\^_={}<>]|^\s*\p{L}\s*$/u;
/** Texts in which no further dollar closes an equation; to look again would take time by the square of their length. */
const unclosed = new WeakMap<object, Set<string>>();

const mathInline: InlineRule = (state, silent) => {
  if (state.src[state.pos] !== '$') return false;
  const markup = state.src.startsWith('$$', state.pos) ? '$$' : '$';
  if (unclosed.get(state)?.has(markup)) return false;
  const from = state.pos + markup.length;
  // A price is no equation: a single dollar opens one only where no word ends before it.
  if (markup === '$' && /\w/.test(state.src[state.pos - 1] ?? '')) return false;
  const isSpaced = markup === '$' && /[ \t]/.test(state.src[from] ?? '');
  if (markup === '$' && !isSpaced && /\s/.test(state.src[from] ?? ' ')) return false;
  for (let at = from; at < state.posMax; at++) {
    if (state.src[at] === '\\' || (markup === '$' && state.src.startsWith('$$', at))) at++;
    else if (state.src.startsWith(markup, at)) {
      if (at === from) return false;
      const content = state.src.slice(from, at);
      if (isSpaced && (!/[ \t]$/.test(content) || !LOOKS_LIKE_TEX.test(content) || content.includes('\n')))
        return false;
      // It closes one only where no space precedes and no digit follows.
      const closes = !/\s/.test(state.src[at - 1]) && !/\d/.test(state.src[at + 1] ?? '');
      if (markup === '$' && !isSpaced && !closes) continue;
      if (!silent) {
        const token = state.push('math_inline', 'span', 0);
        token.content = isSpaced ? content.trim() : content;
        token.markup = markup;
      }
      state.pos = at + markup.length;
      return true;
    }
  }
  unclosed.set(state, (unclosed.get(state) ?? new Set()).add(markup));
  return false;
};

/** What JupyterLab sets as well: `\\(x\\)`, `\\[x\\]`, and an environment that begins within a line. */
const BRACKETED =
  /^\\\\\(([\s\S]{1,2000}?)\\\\\)|^\\\\\[([\s\S]{1,2000}?)\\\\\]|^(\\begin\{([a-z]+\*?)\}[\s\S]{1,2000}?\\end\{\4\})/;

const mathBrackets: InlineRule = (state, silent) => {
  if (state.src[state.pos] !== '\\' || !/[\\b]/.test(state.src[state.pos + 1] ?? '')) return false;
  const match = BRACKETED.exec(state.src.slice(state.pos));
  if (!match) return false;
  const [whole, inline, display, environment] = match;
  if (!silent) {
    const token = state.push('math_inline', 'span', 0);
    token.content = (inline ?? display ?? environment.replace(NUMBERING, '\\$1{$2*}')).trim();
    token.markup = inline === undefined ? '$$' : '$';
  }
  state.pos += whole.length;
  return true;
};

/** In rows of tables, upright bars inside equations would part cells: they are written as TeX has them by name. */
export function shieldPipes(source: string): string {
  return source.replace(/^\|.*$/gm, (row) =>
    row.replace(/\$[^$\n]+\$/g, (tex) => tex.replace(/\\\|/g, '\\Vert ').replace(/\|/g, '\\vert ')),
  );
}
