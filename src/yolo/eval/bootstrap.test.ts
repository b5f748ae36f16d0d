import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../core/random';
import type { Annotation } from '../data/annotation';
import type { Detection } from '../grid/detection';
import { bootstrapMap } from './bootstrap';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';
import { evaluateVoc } from './voc';

interface Shown {
  key: string;
  annotation: Annotation;
  detections: Detection[];
}

/** Pictures with up to three objects, difficult ones among them, most of them found and some twice. */
function pictures(count: number): Shown[] {
  const random = new Random('bootstrap test');
  return Array.from({ length: count }, (_, number) => {
    const objects = Array.from({ length: random.integer(0, 3) }, (_, place) => ({
      name: random.pick(['cat', 'dog']),
      box: { left: 30 * place, top: 0, right: 30 * place + 20, bottom: 20 },
      difficult: random.chance(0.2),
    }));
    const detections = objects.flatMap(({ name, box }) =>
      Array.from({ length: random.integer(0, 2) }, () => ({
        classIndex: name === 'cat' ? 0 : 1,
        score: random.uniform(0, 1),
        box: random.chance(0.7) ? box : { ...box, top: box.top + 15, bottom: box.bottom + 15 },
      })),
    );
    return { key: `p${number}`, annotation: { id: `${number}`, width: 90, height: 40, objects }, detections };
  });
}

function tables(shown: readonly Shown[]) {
  const truth = groundTruthTable(shown, ['cat', 'dog']);
  return { truth, detections: detectionTable(truth.index, shown) };
}

describe('bootstrapMap', () => {
  it('is what evaluating copies of the drawn pictures gives', () => {
    const shown = pictures(12);
    const { truth, detections } = tables(shown);
    const { low, high, resamples } = bootstrapMap(detections, truth);
    assert.equal(resamples, 1000);
    const random = new Random(0).fork('bootstrap');
    const maps = Array.from({ length: 1000 }, () => {
      const drawn = shown.map((_, copy) => {
        const key = truth.index.keys[random.integer(0, shown.length - 1)];
        return { ...shown.find((picture) => picture.key === key)!, key: `copy ${copy}` };
      });
      const copies = tables(drawn);
      return evaluateVoc(copies.detections, copies.truth).map;
    }).sort((a, b) => a - b);
    // Of the 999 steps between the first and the last, 24.975 lie below 2.5 %.
    const expectedLow = 0.025 * maps[24] + 0.975 * maps[25];
    const expectedHigh = 0.975 * maps[974] + 0.025 * maps[975];
    assert.ok(Math.abs(low - expectedLow) < 1e-12 && Math.abs(high - expectedHigh) < 1e-12, `${low} ${high}`);
  });

  it('holds the measured mAP, and narrows with more pictures', () => {
    const widths = [50, 800].map((count) => {
      const { truth, detections } = tables(pictures(count));
      const { map } = evaluateVoc(detections, truth);
      const { low, high } = bootstrapMap(detections, truth);
      assert.ok(low < map && map < high, `${low} ${map} ${high}`);
      return high - low;
    });
    // A sixteenth of the variance: a quarter of the width, within what the draws tell.
    assert.ok(widths[1] < widths[0] / 2.5, `${widths}`);
  });
});
