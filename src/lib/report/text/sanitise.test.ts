import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sanitiseHtml } from './sanitise';

/** Elements whose content is raw text in HTML, and markup in SVG and MathML: parsers that mix these up let it through. */
const HIDING = ['textarea', 'xmp', 'noscript', 'title', 'style', 'iframe', 'noembed', 'plaintext', 'script'];
const ATTACKS = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '<a href="javascript:alert(1)">x</a>',
];

test('markup that hides in raw text, within SVG, MathML or neither, comes out as text or not at all', () => {
  for (const root of ['svg', 'math', 'div']) {
    for (const hiding of HIDING) {
      for (const attack of ATTACKS) {
        const shown = sanitiseHtml(`<${root}><g><${hiding}>${attack}</${hiding}></g></${root}>`, '');
        assert.doesNotMatch(shown, /<script|<[^>]*(onerror|javascript:)/i, `${root} ${hiding}: ${shown}`);
      }
    }
  }
});
