import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DetectionTableBuilder } from '../table/detectionTable';
import { type GroundTruthTable, groundTruthTable } from '../table/groundTruthTable';
import { evaluateCoco } from './coco';

interface FixtureCase {
  name: string;
  pictures: number;
  classes: number;
  /** Picture, class, difficult, left, top, right, bottom; where there are crowds also crowd and area. */
  objects: number[][];
  /** Picture, class, score, left, top, right, bottom. */
  detections: number[][];
  /** The twelve figures that pycocotools prints, -1 for none. */
  stats: number[];
  /** AP at each of the ten thresholds, null for a class without objects. */
  apByClassAndThreshold: (number[] | null)[];
}

const cases: FixtureCase[] = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'coco.json'), 'utf8'));
const STATS = [
  'ap',
  'ap50',
  'ap75',
  'apSmall',
  'apMedium',
  'apLarge',
  'ar1',
  'ar10',
  'ar100',
  'arSmall',
  'arMedium',
  'arLarge',
] as const;

const keyOf = (picture: number) => String(picture).padStart(4, '0');

function groundTruthOf({
  pictures,
  classes,
  objects,
}: Pick<FixtureCase, 'pictures' | 'classes' | 'objects'>) {
  const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
  return groundTruthTable(
    Array.from({ length: pictures }, (_, picture) => ({
      key: keyOf(picture),
      annotation: {
        id: keyOf(picture),
        width: 400,
        height: 400,
        objects: objects
          .filter((object) => object[0] === picture)
          .map(([, c, difficult, left, top, right, bottom, crowd, area]) => ({
            name: names[c],
            difficult: difficult === 1,
            crowd: crowd === 1,
            area,
            box: { left, top, right, bottom },
          })),
      },
    })),
    names,
  );
}

function detectionsOf(groundTruth: GroundTruthTable, rows: number[][]) {
  const builder = new DetectionTableBuilder(groundTruth.index);
  for (const [picture, c, score, left, top, right, bottom] of rows) {
    builder.add(picture, c, score, left, top, right, bottom);
  }
  return builder.build();
}

function assertClose(actual: number, expected: number, what: string) {
  if (Number.isNaN(expected)) assert.ok(Number.isNaN(actual), `${what}: ${actual}, expected none`);
  else assert.ok(Math.abs(actual - expected) < 1e-6, `${what}: ${actual}, pycocotools ${expected}`);
}

describe('evaluateCoco against pycocotools', () => {
  for (const fixture of cases) {
    it(`gives the twelve figures: ${fixture.name}`, () => {
      const groundTruth = groundTruthOf(fixture);
      const result = evaluateCoco(detectionsOf(groundTruth, fixture.detections), groundTruth);
      STATS.forEach((stat, index) => {
        assertClose(result[stat], fixture.stats[index] < 0 ? NaN : fixture.stats[index], stat);
      });
    });

    it(`gives each class's AP: ${fixture.name}`, () => {
      const groundTruth = groundTruthOf(fixture);
      const { classes } = evaluateCoco(detectionsOf(groundTruth, fixture.detections), groundTruth);
      fixture.apByClassAndThreshold.forEach((aps, index) => {
        const { name, ap, ap50, ap75 } = classes[index];
        assertClose(ap, aps ? aps.reduce((sum, each) => sum + each) / 10 : NaN, `${name} AP`);
        assertClose(ap50, aps ? aps[0] : NaN, `${name} AP50`);
        assertClose(ap75, aps ? aps[5] : NaN, `${name} AP75`);
      });
    });
  }
});

describe('evaluateCoco', () => {
  const one = groundTruthOf({ pictures: 1, classes: 1, objects: [[0, 0, 0, 0, 0, 100, 100]] });

  it('is 1 for a perfect detection, with NaN for sizes without objects', () => {
    const result = evaluateCoco(detectionsOf(one, [[0, 0, 0.5, 0, 0, 100, 100]]), one);
    assert.equal(result.ap, 1);
    assert.equal(result.apLarge, 1);
    assert.equal(result.ar1, 1);
    assert.equal(result.apSmall, NaN);
    assert.equal(result.classes[0].objects, 1);
  });

  it('counts an IoU of .72 as found at five of ten thresholds', () => {
    const result = evaluateCoco(detectionsOf(one, [[0, 0, 0.5, 0, 0, 100, 72]]), one);
    assert.equal(result.ap, 0.5);
    assert.equal(result.ap50, 1);
    assert.equal(result.ap75, 0);
  });

  it('lets a detection take the best object that is still free, where VOC counts a second hit as false', () => {
    const two = groundTruthOf({
      pictures: 1,
      classes: 1,
      objects: [
        [0, 0, 0, 0, 0, 10, 10],
        [0, 0, 0, 0, 4, 10, 14],
      ],
    });
    const detections = detectionsOf(two, [
      [0, 0, 0.9, 0, 0, 10, 10],
      [0, 0, 0.8, 0, 1, 10, 11],
    ]);
    assert.equal(evaluateCoco(detections, two).ap50, 1);
  });
});
