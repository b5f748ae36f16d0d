import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharePictures } from './sharedPictures';

const image = (content: string, size: number) =>
  `<svg><image width="${size}" height="${size}" preserveAspectRatio="none" href="data:image/png;base64,${content}"></svg>`;

test('a picture that two drawings show is in the page once, and each shows it at its own size', () => {
  const page = sharePictures(`<p>a</p>${image('AAAA', 520)}${image('BBBB', 40)}${image('AAAA', 320)}`);
  assert.equal(page.split('AAAA').length, 2);
  assert.match(page, /^<p>a<\/p><svg><use href="#picture_1" transform="scale\(520 520\)"\/><\/svg>/);
  assert.match(page, /scale\(320 320\)/);
  // What is there once stays where it is.
  assert.match(page, /<svg><image width="40" height="40"[^>]*BBBB/);
  assert.match(page, /<image id="picture_1" width="1" height="1" [^>]*AAAA"\/><\/defs><\/svg>\n$/);
});

test('a page without such pictures stays as it is', () => {
  assert.equal(sharePictures(image('AAAA', 1)), image('AAAA', 1));
});
