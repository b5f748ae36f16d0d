import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Style sheets and the font files they name, by path from the page. */
export interface Fonts {
  css: string;
  files: Map<string, Buffer>;
}

/** Cuts of the text's typeface that the page uses. */
const TEXT_CUTS = [
  { weight: 400, style: 'normal' },
  { weight: 400, style: 'italic' },
  { weight: 600, style: 'normal' },
] as const;

/**
 * Fonts that readers have, sized so that a line takes the room it takes in the page's own typeface: little moves when that
 * one arrives. The size in percent is the ratio of the mean widths of a letter in English text.
 */
const STAND_INS = [
  { name: 'Georgia, fitted', fonts: ['Georgia'], percent: 106 },
  { name: 'Times, fitted', fonts: ['Times New Roman', 'Liberation Serif', 'Tinos'], percent: 117 },
  { name: 'DejaVu, fitted', fonts: ['DejaVu Serif'], percent: 92 },
] as const;

/** The fonts of equations and text, from their packages: the page asks nobody for them. */
export async function loadFonts(): Promise<Fonts> {
  const [math, text] = await Promise.all([mathFonts(), textFonts()]);
  return { css: `${text.css}\n${math.css}`, files: new Map([...text.files, ...math.files]) };
}

/**
 * The fonts without KaTeX's families for letters that no equation on the page has, such as Fraktur: a third of them all.
 *
 * @param html - What the page shows.
 */
export function neededFonts({ css, files }: Fonts, html: string): Fonts {
  const asking = new Map<string, string[]>();
  for (const [, selectors, rule] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const family = selectors.trimStart().startsWith('@') ? undefined : /\bKaTeX_\w+/.exec(rule)?.[0];
    if (family) asking.set(family, [...(asking.get(family) ?? []), ...selectors.split(',').map(lastClass)]);
  }
  const classes = new Set([...html.matchAll(/ class="([^"]*)"/g)].flatMap(([, names]) => names.split(' ')));
  const kept = css.replace(/@font-face\{[^{}]*?font-family:"?(KaTeX_\w+)[^{}]*\}/g, (face, family: string) =>
    asking.get(family)?.some((name) => classes.has(name)) ? face : '',
  );
  return { css: kept, files: new Map([...files].filter(([path]) => kept.includes(path))) };
}

function lastClass(selector: string): string {
  return /\.([\w-]+)(?![^.]*\.)/.exec(selector)?.[1] ?? '';
}

/** The style sheets with the fonts in them. */
export function inlineFonts({ css, files }: Fonts): string {
  return css.replace(/url\((fonts\/[\w-]+\.woff2)\)/g, (_, path: string) => {
    return `url(data:font/woff2;base64,${files.get(path)!.toString('base64')})`;
  });
}

/** KaTeX's own style sheet with the one font format that every browser of today reads. */
async function mathFonts(): Promise<Fonts> {
  const sheet = require.resolve('katex/dist/katex.min.css');
  const css = (await readFile(sheet, 'utf8'))
    .replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)/g, '')
    .trim();
  const paths = [...css.matchAll(/url\((fonts\/[\w-]+\.woff2)\)/g)].map((match) => match[1]);
  const files = paths.map(async (path) => [path, await readFile(join(dirname(sheet), path))] as const);
  return { css, files: new Map(await Promise.all(files)) };
}

async function textFonts(): Promise<Fonts> {
  const folder = join(dirname(require.resolve('@fontsource/source-serif-4/package.json')), 'files');
  const faces = TEXT_CUTS.map(async ({ weight, style }) => {
    const name = `source-serif-4-latin-${weight}-${style}.woff2`;
    const css =
      `@font-face{font-family:"Source Serif 4";font-style:${style};font-weight:${weight};font-display:swap;` +
      `src:url(fonts/${name}) format("woff2")}`;
    return { css, path: `fonts/${name}`, data: await readFile(join(folder, name)) };
  });
  const loaded = await Promise.all(faces);
  const standIns = STAND_INS.map(({ name, fonts, percent }) => {
    const sources = fonts.map((one) => `local("${one}")`).join(',');
    return `@font-face{font-family:"${name}";src:${sources};size-adjust:${percent}%}`;
  });
  return {
    css: [...loaded.map(({ css }) => css), ...standIns].join('\n'),
    files: new Map(loaded.map(({ path, data }) => [path, data])),
  };
}
