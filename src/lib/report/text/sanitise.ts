import sanitizeHtml from 'sanitize-html';
import { scopedHeads } from './tableHeads';

/** Elements of HTML outputs that the page shows: text, lists, tables, pictures. */
const HTML_TAGS = [
  ...['p', 'div', 'span', 'br', 'hr', 'pre', 'code', 'kbd', 'samp', 'blockquote', 'figure', 'figcaption'],
  ...['b', 'strong', 'i', 'em', 'u', 's', 'small', 'sub', 'sup', 'mark', 'abbr', 'var', 'time'],
  ...['del', 'ins', 'details', 'summary'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd'],
  ...['table', 'caption', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
  ...['a', 'img', 'progress', 'meter'],
];

/** Elements of SVG that draw and can do nothing else. */
const SVG_TAGS = [
  ...['svg', 'g', 'defs', 'symbol', 'use', 'title', 'desc', 'clipPath', 'mask', 'pattern', 'marker'],
  ...['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'image', 'text', 'tspan'],
  ...['linearGradient', 'radialGradient', 'stop'],
];

const SVG_ATTRIBUTES = [
  ...[
    'id',
    'role',
    'aria-label',
    'viewBox',
    'preserveAspectRatio',
    'width',
    'height',
    'transform',
    'opacity',
  ],
  ...[
    'x',
    'y',
    'x1',
    'y1',
    'x2',
    'y2',
    'cx',
    'cy',
    'r',
    'rx',
    'ry',
    'fx',
    'fy',
    'd',
    'points',
    'dx',
    'dy',
    'rotate',
  ],
  ...[
    'fill',
    'fill-opacity',
    'fill-rule',
    'color',
    'stroke',
    'stroke-width',
    'stroke-opacity',
    'stroke-dasharray',
  ],
  ...[
    'stroke-dashoffset',
    'stroke-linecap',
    'stroke-linejoin',
    'stroke-miterlimit',
    'paint-order',
    'visibility',
  ],
  ...[
    'font-family',
    'font-size',
    'font-style',
    'font-weight',
    'text-anchor',
    'dominant-baseline',
    'letter-spacing',
  ],
  ...[
    'clip-path',
    'clip-rule',
    'clipPathUnits',
    'mask',
    'offset',
    'stop-color',
    'stop-opacity',
    'shape-rendering',
  ],
  ...[
    'gradientUnits',
    'gradientTransform',
    'patternUnits',
    'patternTransform',
    'markerWidth',
    'markerHeight',
  ],
  ...[
    'refX',
    'refY',
    'orient',
    'marker-start',
    'marker-mid',
    'marker-end',
    'href',
    'image-rendering',
    'display',
  ],
];

/** SVG's names are written in two cases, HTML's parser lowers them all: back to the right ones. */
const CASES = new Map([...SVG_TAGS, ...SVG_ATTRIBUTES].map((name) => [name.toLowerCase(), name]));

const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;
const LINK = /^(?:https?:\/\/|mailto:|#)/i;

/** Elements that are left out, and would have shown or done something. */
const LOST =
  /^(?:script|iframe|video|audio|canvas|object|embed|form|button|input|select|textarea|math|foreignobject)$/;
/** Elements that part what is in them from what stands around them. */
const PART = /^(?:section|article|header|footer|main|nav|aside|address|center|fieldset)$/;
/** What an attribute of a drawing may compute: others can fetch. */
const HARMLESS_CALL = /^(?:rgba?|hsla?|matrix|translate|scale|rotate|skew[XY])$/;

type Attributes = Record<string, string>;

/**
 * What of an HTML output the page may show: no script, style, form, frame, name or event handler, no picture that is
 * not in it. What is not allowed is left out, its text stays. What is hidden stays so.
 *
 * @param prefix - Goes before every name in SVG, so that two drawings don't take each other's.
 * @param lost - Takes what is left out and would have shown or done something, in words. Default: nobody asks.
 */
export function sanitiseHtml(html: string, prefix: string, lost = new Set<string>()): string {
  const kept = sanitizeHtml(html, {
    allowedTags: [...HTML_TAGS, ...SVG_TAGS],
    allowedAttributes: {
      ...Object.fromEntries(SVG_TAGS.map((tag) => [tag, SVG_ATTRIBUTES])),
      a: ['href', 'rel', 'title'],
      img: ['src', 'alt', 'width', 'height'],
      abbr: ['title'],
      th: ['colspan', 'rowspan', 'scope'],
      td: ['colspan', 'rowspan'],
      col: ['span'],
      colgroup: ['span'],
      ol: ['start'],
      progress: ['value', 'max', 'aria-label'],
      meter: ['value', 'min', 'max', 'low', 'high', 'optimum', 'aria-label'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'data'],
    nonTextTags: [
      'script',
      'style',
      'textarea',
      'option',
      'noscript',
      'template',
      'metadata',
      'foreignobject',
      'math',
    ],
    disallowedTagsMode: 'discard',
    nestingLimit: 100,
    // Of a picture that is not in it nothing would be seen.
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !attribs.src,
    transformTags: { '*': (tag, attributes) => clean(tag, attributes, prefix, lost) },
  });
  return scopedHeads(kept);
}

function clean(tag: string, attributes: Attributes, prefix: string, lost: Set<string>) {
  // A template's content is left out as a whole.
  if (isHidden(attributes)) return { tagName: 'template', attribs: {} };
  if (LOST.test(tag)) lost.add(tag);
  const tagName = shownAs(tag);
  const isSvg = SVG_TAGS.includes(tagName);
  const kept: Attributes = {};
  const all = isSvg ? { ...attributes, ...declarations(attributes.style) } : attributes;
  for (const [name, value] of Object.entries(all)) {
    const written = isSvg ? (CASES.get(name.replace(/^xlink:/, '')) ?? name) : name;
    const safe = isSvg ? svgValue(tagName, written, value, prefix) : htmlValue(tagName, written, value);
    if (safe !== undefined) kept[written] = safe;
  }
  if (tagName === 'a' && kept.href) kept.rel = 'noopener';
  if (tagName === 'img') kept.alt ??= '';
  const picture = attributes.src ?? attributes.href ?? attributes['xlink:href'];
  if (/^(?:img|image)$/.test(tagName) && picture && !kept.src && !kept.href)
    lost.add(strangePicture(picture));
  return { tagName, attribs: kept };
}

function isHidden({ hidden, style = '' }: Attributes): boolean {
  return hidden !== undefined || /(?:^|;)\s*display\s*:\s*none/i.test(style);
}

function shownAs(tag: string): string {
  // The page's outline is its own: headings of an output are paragraphs in it.
  if (/^h[1-6]$/.test(tag)) return 'p';
  return PART.test(tag) ? 'div' : (CASES.get(tag) ?? tag);
}

/** What a drawing's style attribute says, as the attributes that say the same. */
function declarations(style = ''): Attributes {
  const pairs = style.split(';').map((declaration) => declaration.split(':').map((part) => part.trim()));
  return Object.fromEntries(pairs.filter(([name, value]) => name && value));
}

function strangePicture(source: string): string {
  return source.startsWith('data:')
    ? 'img of another kind than PNG, JPEG, GIF and WebP'
    : 'img with a picture outside of the notebook';
}

/** The address of a picture that is in the notebook; some programs break its lines. */
function pictureIn(value: string): string | undefined {
  const whole = value.replace(/\s/g, '');
  return PICTURE.test(whole) ? whole : undefined;
}

function htmlValue(tag: string, name: string, value: string): string | undefined {
  if (name === 'href') return LINK.test(value) ? value : undefined;
  if (name === 'src') return tag === 'img' ? pictureIn(value) : undefined;
  return value;
}

function svgValue(tag: string, name: string, value: string, prefix: string): string | undefined {
  if (name === 'id') return prefix + value;
  if (name === 'href') {
    if (tag === 'image') return pictureIn(value);
    return value.startsWith('#') ? `#${prefix}${value.slice(1)}` : undefined;
  }
  const calls = [...value.matchAll(/([\w-]*)\s*\(/g)];
  if (!/[\\@]/.test(value) && calls.every(([, call]) => HARMLESS_CALL.test(call))) return value;
  const inner = /^url\(\s*["']?#([\w.:-]+)["']?\s*\)$/.exec(value)?.[1];
  return inner === undefined ? textValue(name, value) : `url(#${prefix}${inner})`;
}

/** Words may contain anything. */
function textValue(name: string, value: string): string | undefined {
  return name === 'aria-label' ? value : undefined;
}
