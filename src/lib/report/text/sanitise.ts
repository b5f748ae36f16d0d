import sanitizeHtml from 'sanitize-html';
import { scopedHeads } from './tableHeads';

/** Elements of HTML outputs that the page shows: text, lists, tables, pictures. */
const HTML_TAGS = [
  ...['p', 'div', 'span', 'br', 'hr', 'pre', 'code', 'kbd', 'samp', 'blockquote', 'figure', 'figcaption'],
  ...['b', 'strong', 'i', 'em', 'u', 's', 'small', 'sub', 'sup', 'mark', 'abbr', 'var', 'time'],
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

type Attributes = Record<string, string>;

/**
 * What of an HTML output the page may show: no script, style, form, frame, name or event handler, no picture that is
 * not in it. What is not allowed is left out, its text stays.
 *
 * @param prefix - Goes before every name in SVG, so that two drawings don't take each other's.
 */
export function sanitiseHtml(html: string, prefix: string): string {
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
    ],
    disallowedTagsMode: 'discard',
    nestingLimit: 100,
    // Of a picture that is not in it nothing would be seen.
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !attribs.src,
    transformTags: { '*': (tag, attributes) => clean(tag, attributes, prefix) },
  });
  return scopedHeads(kept);
}

function clean(tag: string, attributes: Attributes, prefix: string) {
  // The page's outline is its own: headings of an output are paragraphs in it.
  const tagName = /^h[1-6]$/.test(tag) ? 'p' : (CASES.get(tag) ?? tag);
  const isSvg = SVG_TAGS.includes(tagName);
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    const written = isSvg ? (CASES.get(name.replace(/^xlink:/, '')) ?? name) : name;
    const safe = isSvg ? svgValue(tagName, written, value, prefix) : htmlValue(tagName, written, value);
    if (safe !== undefined) kept[written] = safe;
  }
  if (tagName === 'a' && kept.href) kept.rel = 'noopener';
  if (tagName === 'img') kept.alt ??= '';
  return { tagName, attribs: kept };
}

function htmlValue(tag: string, name: string, value: string): string | undefined {
  if (name === 'href') return LINK.test(value) ? value : undefined;
  if (name === 'src') return tag === 'img' && PICTURE.test(value) ? value : undefined;
  return value;
}

function svgValue(tag: string, name: string, value: string, prefix: string): string | undefined {
  if (name === 'id') return prefix + value;
  if (name === 'href') {
    if (tag === 'image') return PICTURE.test(value) ? value : undefined;
    return value.startsWith('#') ? `#${prefix}${value.slice(1)}` : undefined;
  }
  if (!/url\s*\(|\\|@|expression|javascript:/i.test(value)) return value;
  const inner = /^url\(\s*["']?#([\w.:-]+)["']?\s*\)$/.exec(value)?.[1];
  return inner === undefined ? textValue(name, value) : `url(#${prefix}${inner})`;
}

/** Words may contain anything. */
function textValue(name: string, value: string): string | undefined {
  return name === 'aria-label' ? value : undefined;
}
