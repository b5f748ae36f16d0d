import { escapeMarkup } from '../../chart/escapeMarkup';

/** Colours code by its grammar: HTML for the inside of a `<code>` element. */
export type Highlight = (code: string, language: string) => string;

/** Grammars that are loaded, by the names that notebooks and fences use. */
const LANGUAGES: Readonly<Record<string, string>> = {
  typescript: 'typescript',
  ts: 'typescript',
  javascript: 'javascript',
  js: 'javascript',
  json: 'json',
  sh: 'shellscript',
  bash: 'shellscript',
  shell: 'shellscript',
  python: 'python',
};

/** Longer lines stay plain; characters. */
const LONGEST_LINE = 2000;
/** Pieces of code that are kept coloured. */
const MOST_KEPT = 2000;

/**
 * Loads the grammars, a third of a second's work that is done once. Parts of code get class names (`code-keyword`), the colours are
 * the style sheet's. Code in any other language stays plain.
 */
export function loadHighlight(): Promise<Highlight> {
  loaded ??= load();
  return loaded;
}

let loaded: Promise<Highlight> | undefined;

async function load(): Promise<Highlight> {
  const [core, engine, ...grammars] = await Promise.all([
    import('shiki/core'),
    import('shiki/engine/javascript'),
    import('shiki/langs/typescript.mjs'),
    import('shiki/langs/javascript.mjs'),
    import('shiki/langs/json.mjs'),
    import('shiki/langs/shellscript.mjs'),
    import('shiki/langs/python.mjs'),
  ]);
  const theme = core.createCssVariablesTheme({ name: 'names', variablePrefix: '--' });
  const highlighter = await core.createHighlighterCore({
    themes: [theme],
    langs: grammars.map((grammar) => grammar.default),
    engine: engine.createJavaScriptRegexEngine(),
  });
  const done = new Map<string, string>();
  const colour: Highlight = (code, language) => {
    const lang = LANGUAGES[language];
    if (!lang) return escapeMarkup(code);
    // A limit by length, not the usual one by time: on a busy machine the first line would stay plain.
    const limits = { tokenizeTimeLimit: 0, tokenizeMaxLineLength: LONGEST_LINE };
    const lines = highlighter.codeToTokensBase(code, { lang, theme: 'names', ...limits });
    return lines.map((tokens) => tokens.map(span).join('')).join('\n');
  };
  // More than half of a build's time; a page that is built again and again has hardly any new code.
  return (code, language) => {
    const key = `${language}\n${code}`;
    const known = done.get(key);
    if (known !== undefined) return known;
    const html = colour(code, language);
    if (done.size >= MOST_KEPT) done.clear();
    done.set(key, html);
    return html;
  };
}

/** What stays in its colour of the parts that a grammar calls constants: names of variables are among them. */
const LITERAL = /^\s*(?:\.?\d|(?:true|false|null|undefined|None|True|False)\b)/;

function span({ content, color }: { content: string; color?: string }): string {
  const name = /^var\(--token-([a-z-]+)\)$/.exec(color ?? '')?.[1];
  const text = escapeMarkup(content);
  // Most parts are brackets, operators and variables: in the text's own colour they need no element, and the page is a
  // tenth lighter.
  const plain =
    !name || name === 'punctuation' || !/\w/.test(content) || (name === 'constant' && !LITERAL.test(content));
  return plain ? text : `<span class="code-${name}">${text}</span>`;
}
