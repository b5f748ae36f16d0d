import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findImports, sourcesOfNames } from './imports';

const all = (specifier: string) => ({ specifier, names: 'all' });
const some = (specifier: string, ...names: string[]) => ({ specifier, names: new Set(names) });

test('named imports give their names, all other ways of importing give everything', () => {
  const code = `
    import { iou, type Box, nms as suppress } from 'yolov1';
    import type { Figure } from "yolov1-lib";
    import {
      chart,
    } from 'yolov1-lib';
    import * as tf from '@tensorflow/tfjs';
    import fs, { join } from 'fs';
    import './side';
    const late = await import('./late');
    const old = require('old');
    export { a } from './a';
  `;
  assert.deepEqual(findImports(code), [
    some('yolov1', 'iou', 'Box', 'nms'),
    some('yolov1-lib', 'Figure'),
    some('yolov1-lib', 'chart'),
    all('@tensorflow/tfjs'),
    all('fs'),
    some('./a', 'a'),
    all('./side'),
    all('./late'),
    all('old'),
  ]);
});

test('an index file tells which of its modules gives a name', () => {
  const index = `
    /** Boxes. */
    export { area, type Box, clip as cut } from './box/box'; // and more
    export type { Detection } from './box/detection';
  `;
  assert.deepEqual(sourcesOfNames(index, new Set(['Box', 'cut'])), [some('./box/box', 'Box', 'clip')]);
  assert.deepEqual(sourcesOfNames(index, new Set(['Detection'])), [some('./box/detection', 'Detection')]);
});

test('where an index lacks a name, exports everything or has code of its own, nothing is left out', () => {
  assert.equal(sourcesOfNames("export { a } from './a';", new Set(['b'])), undefined);
  assert.equal(sourcesOfNames("export * from './a';", new Set(['a'])), undefined);
  assert.equal(sourcesOfNames("export { a } from './a';\nexport const b = 1;", new Set(['a'])), undefined);
});
