import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { buildProjectSite } from '../fixtures/projectSite';

/** How far from its place a deep link may lead, CSS pixels. */
const NEAR = 40;

let root: string;
let site: string;
let pages: ReadonlyMap<string, string>;
let browser: Browser;

before(async () => {
  if (skip) return;
  ({ root, site, pages } = await buildProjectSite());
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  if (root) await rm(root, { recursive: true });
});

for (const javaScriptEnabled of [true, false]) {
  for (const width of [360, 768, 1280, 1440]) {
    test(`at ${width} pixels, ${javaScriptEnabled ? 'with' : 'without'} script, a link to a heading or figure lands there`, {
      skip,
    }, async () => {
      const page = await browser.newPage({
        viewport: { width, height: 800 },
        javaScriptEnabled,
        reducedMotion: 'reduce',
      });
      const off: string[] = [];
      for (const [file, html] of pages) {
        const ids = [...html.matchAll(/<(?:h[1-6]|figure)(?: class="[^"]*")? id="([^"]*)"/g)].map(
          (match) => match[1],
        );
        const url = pathToFileURL(join(site, file)).href;
        // Another page between: a browser that only changes the fragment lays nothing out anew.
        for (const id of [ids[0], ids[ids.length >> 1], ids.at(-1)]) {
          if (id === undefined) continue;
          await page.goto('about:blank');
          await page.goto(`${url}#${id}`);
          off.push(...(await tooFar(page, file, id)));
        }
        for (const id of ids) {
          await page.goto(`${url}#${id}`);
          off.push(...(await tooFar(page, file, id)));
        }
      }
      assert.deepEqual(off, []);
      await page.close();
    });
  }
}

/** Says that what was linked to is not at the top, unless the page ends there. */
async function tooFar(
  page: Awaited<ReturnType<Browser['newPage']>>,
  file: string,
  id: string,
): Promise<string[]> {
  const box = await page.locator(`[id="${id}"]`).evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    const { scrollTop, scrollHeight, clientHeight } = element.ownerDocument.documentElement;
    return { top, isEnd: scrollTop + clientHeight >= scrollHeight - 2 };
  });
  return Math.abs(box.top) <= NEAR || (box.isEnd && box.top > 0) ? [] : [`${file}#${id}: ${box.top}`];
}
