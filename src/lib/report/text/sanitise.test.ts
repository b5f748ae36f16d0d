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

test('what is hidden stays so, and what is left out is told', () => {
  const told = (html: string) => {
    const lost = new Set<string>();
    return [sanitiseHtml(html, '', lost), [...lost].join(', ')];
  };
  const parts = '<pre>text</pre><div style="color: red; display:none"><b>again</b></div><p hidden>never</p>';
  assert.deepEqual(told(parts), ['<pre>text</pre>', '']);
  assert.deepEqual(told('<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math> <textarea>x</textarea>y'), [
    ' y',
    'math, textarea',
  ]);
  assert.deepEqual(told('<img alt="a" src="data:image/svg+xml;base64,AAAA">x'), [
    'x',
    'img of another kind than PNG, JPEG, GIF and WebP',
  ]);
  assert.deepEqual(
    told('<img alt="a" src="https://evil/x.png">x<svg><foreignObject>y</foreignObject></svg>'),
    ['x<svg></svg>', 'img with a picture outside of the notebook, foreignobject'],
  );
  assert.deepEqual(told('<section>one</section><section>two</section> <del>three</del>'), [
    '<div>one</div><div>two</div> <del>three</del>',
    '',
  ]);
});

test("a picture may be broken into lines, and a drawing's style attribute becomes attributes", () => {
  const source = 'data:image/png;base64,\nAAAA\nBBBB\n';
  assert.match(sanitiseHtml(`<img alt="a" src="${source}">`, ''), /src="data:image\/png;base64,AAAABBBB"/);
  assert.match(
    sanitiseHtml(`<svg><image xlink:href="${source}"/></svg>`, ''),
    /href="data:image\/png;base64,AAAABBBB"/,
  );
  assert.equal(
    sanitiseHtml('<svg><path style="fill: none; stroke: #1f77b4; behavior: url(x)" d="M0 0"/></svg>', ''),
    '<svg><path d="M0 0" fill="none" stroke="#1f77b4"></path></svg>',
  );
});

test('no attribute of a drawing fetches, whatever the function is called', () => {
  for (const call of [
    'url(https://evil/x)',
    "image-set('https://evil/x' 1x)",
    'src("https://evil/x")',
    'u\\72l(x)',
  ])
    for (const name of ['fill', 'mask', 'clip-path', 'marker-end']) {
      assert.equal(
        sanitiseHtml(`<svg><path ${name}="${call.replaceAll('"', '&quot;')}"/></svg>`, ''),
        '<svg><path></path></svg>',
      );
    }
  const kept = '<g transform="translate(1 2) rotate(3)" fill="rgb(1,2,3)" aria-label="f(x) at .5"></g>';
  assert.equal(sanitiseHtml(`<svg>${kept}</svg>`, ''), `<svg>${kept}</svg>`);
});
