import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, test } from 'node:test';
import fc from 'fast-check';
import { evaluateCoco } from '../coco/coco';
import { type DetectionTable, DetectionTableBuilder, detectionTable } from '../table/detectionTable';
import { evaluationIndex } from '../table/evaluationIndex';
import { groundTruthTable } from '../table/groundTruthTable';
import { evaluateVoc } from '../voc';
import { readResultFiles } from './readResultFiles';
import { writeResultFiles } from './resultFiles';

const root = mkdtempSync(join(tmpdir(), 'result-files-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

/** A new folder with the given files. */
function folderOf(files: Record<string, string> = {}): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const oneYear = evaluationIndex(['VOC2012/b', 'VOC2012/a'], ['cat', 'dog']);
const twoYears = evaluationIndex(['VOC2007/a', 'VOC2012/a', 'VOC2012/b'], ['cat', 'dog']);

function rowsOf({ length, picture, classIndex, score, boxes, index }: DetectionTable) {
  return Array.from({ length }, (_, row) => [
    index.keys[picture[row]],
    index.classes[classIndex[row]],
    score[row],
    ...boxes.subarray(4 * row, 4 * row + 4),
  ]);
}

test('equal confidences keep the order of the file, as VOC does; COCO goes by picture', async () => {
  const folder = folderOf();
  const index = evaluationIndex(['VOC2012/a', 'VOC2012/b'], ['cat']);
  const box = { left: 0, top: 0, right: 10, bottom: 10 };
  const truth = groundTruthTable(
    [
      { key: 'VOC2012/a', annotation: { id: 'a', width: 20, height: 20, objects: [] } },
      {
        key: 'VOC2012/b',
        annotation: { id: 'b', width: 20, height: 20, objects: [{ name: 'cat', box, difficult: false }] },
      },
    ],
    ['cat'],
  );
  const apOf = (lines: string) => {
    writeFileSync(join(folder, 'comp4_det_val_cat.txt'), lines);
    const { detections } = readResultFiles(folder, 'val', index);
    return [evaluateVoc(detections, truth).map, evaluateCoco(detections, truth).ap50];
  };
  assert.deepEqual(apOf('b 0.5 1 1 10 10\na 0.5 1 1 10 10\n'), [1, 0.5]);
  assert.deepEqual(apOf('a 0.5 1 1 10 10\nb 0.5 1 1 10 10\n'), [0.5, 0.5]);
  const { detections } = readResultFiles(folder, 'val', index);
  const [written] = await writeResultFiles(join(folder, 'again'), 'val', detections);
  assert.equal(readFileSync(written, 'utf8'), 'a 0.5 1 1 10 10\nb 0.5 1 1 10 10\n');
});

test('a result file in UTF-16 is read', () => {
  const folder = folderOf();
  writeFileSync(join(folder, 'comp4_det_val_cat.txt'), Buffer.from('\uFEFFa 0.5 1 1 10 10\r\n', 'utf16le'));
  const { detections } = readResultFiles(folder, 'val', evaluationIndex(['VOC2012/a'], ['cat']));
  assert.equal(detections.length, 1);
});

describe('writeResultFiles', () => {
  it('writes pixels counted from 1 with both ends included, a file for each class, nothing else', async () => {
    const folder = join(folderOf(), 'new', 'folder');
    const detections = detectionTable(oneYear, [
      {
        key: 'VOC2012/b',
        detections: [{ classIndex: 0, score: 0.1, box: { left: 0, top: 2, right: 10.25, bottom: 20 } }],
      },
      {
        key: 'VOC2012/a',
        detections: [{ classIndex: 0, score: 1 / 3, box: { left: 1 / 3, top: 0, right: 1, bottom: 1 } }],
      },
    ]);
    const files = await writeResultFiles(folder, 'val', detections);
    assert.deepEqual(files, [join(folder, 'comp4_det_val_cat.txt'), join(folder, 'comp4_det_val_dog.txt')]);
    assert.deepEqual(readdirSync(folder).sort(), ['comp4_det_val_cat.txt', 'comp4_det_val_dog.txt']);
    assert.equal(readFileSync(files[0], 'utf8'), 'a 0.3333333333333333 1.333333 1 1 1\nb 0.1 1 3 10.25 20\n');
    assert.equal(readFileSync(files[1], 'utf8'), '');
  });

  it('puts several years into folders of their own', async () => {
    const folder = folderOf();
    const detections = detectionTable(twoYears, [
      {
        key: 'VOC2012/a',
        detections: [{ classIndex: 1, score: 0.5, box: { left: 0, top: 0, right: 1, bottom: 1 } }],
      },
    ]);
    await writeResultFiles(folder, 'val', detections);
    assert.equal(readFileSync(join(folder, 'VOC2012', 'comp4_det_val_dog.txt'), 'utf8'), 'a 0.5 1 1 1 1\n');
    assert.equal(readFileSync(join(folder, 'VOC2007', 'comp4_det_val_dog.txt'), 'utf8'), '');
    assert.deepEqual(rowsOf(readResultFiles(folder, 'val', twoYears).detections), rowsOf(detections));
  });

  it('says which file cannot be written', async () => {
    const folder = join(folderOf({ file: '' }), 'file');
    const empty = new DetectionTableBuilder(oneYear).build();
    await assert.rejects(writeResultFiles(folder, 'val', empty), {
      name: 'UserError',
      message: /file\/comp4_det_val_cat\.txt: cannot write detections \(.*\); check space and permission$/,
    });
  });

  it('gives back what was written: scores exactly, edges to a millionth of a pixel', async () => {
    const edge = fc.integer({ min: 0, max: 500e6 }).map((millionths) => millionths / 1e6);
    const detection = fc.record({
      picture: fc.nat({ max: 2 }),
      classIndex: fc.nat({ max: 1 }),
      score: fc.double({ noNaN: true, noDefaultInfinity: true }),
      left: edge,
      top: edge,
      width: edge.map((value) => value + 1),
      height: edge.map((value) => value + 1),
    });
    const folder = folderOf();
    await fc.assert(
      fc.asyncProperty(fc.array(detection, { maxLength: 10 }), async (list) => {
        const builder = new DetectionTableBuilder(twoYears);
        // The files hold one class after the other.
        const byClass = [...list].sort((a, b) => a.classIndex - b.classIndex);
        for (const { picture, classIndex, score, left, top, width, height } of byClass) {
          builder.add(picture, classIndex, score, left, top, left + width, top + height);
        }
        const written = builder.build();
        await writeResultFiles(folder, 'val', written);
        const { detections } = readResultFiles(folder, 'val', twoYears);
        assert.deepEqual(detections.picture, written.picture);
        assert.deepEqual(detections.classIndex, written.classIndex);
        assert.deepEqual([...detections.score].map(Math.abs), [...written.score].map(Math.abs));
        detections.boxes.forEach((value, index) => {
          assert.ok(Math.abs(value - written.boxes[index]) < 1e-6);
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe('readResultFiles', () => {
  const good = {
    'comp4_det_val_cat.txt': 'a 0.5 1 1 10 20\r\n\r\nb  -3e-1\t2.5 3 4 5\n',
    'comp4_det_val_dog.txt': '',
  };

  it('reads any finite confidence, any white space and line ending, and leaves other lists alone', () => {
    const folder = folderOf({ ...good, 'comp4_det_train_cow.txt': 'x', 'readme.txt': '' });
    const { detections, warnings } = readResultFiles(folder, 'val', oneYear);
    assert.deepEqual(rowsOf(detections), [
      ['VOC2012/a', 'cat', 0.5, 0, 0, 10, 20],
      ['VOC2012/b', 'cat', -0.3, 1.5, 2, 4, 5],
    ]);
    assert.deepEqual(warnings, []);
  });

  it('reads years pooled where their ids differ, and says where to put them where they do not', () => {
    const distinct = evaluationIndex(['VOC2007/a', 'VOC2012/b'], ['cat', 'dog']);
    assert.deepEqual(
      rowsOf(readResultFiles(folderOf(good), 'val', distinct).detections).map(([key]) => key),
      ['VOC2007/a', 'VOC2012/b'],
    );
    const folder = folderOf(good);
    assert.throws(() => readResultFiles(folder, 'val', twoYears), {
      name: 'UserError',
      message: `${folder}: id 'a' stands for VOC2007/a and for VOC2012/a; put the files of each year into a folder of their own, ${folder}/VOC2012 and so on`,
    });
  });

  it('reads one year from its own folder as well', () => {
    const folder = folderOf({
      'VOC2012/comp4_det_val_cat.txt': 'a 1 1 1 1 1',
      'VOC2012/comp4_det_val_dog.txt': '',
    });
    assert.equal(readResultFiles(folder, 'val', oneYear).detections.length, 1);
  });

  it('warns of classes without a file and of no detection at all', () => {
    const folder = folderOf({ 'comp4_det_val_cat.txt': '' });
    assert.deepEqual(readResultFiles(folder, 'val', oneYear).warnings, [
      `${folder}: no file for dog (such as comp4_det_val_dog.txt); counted as no detections`,
      `${folder}: the files hold no detection at all`,
    ]);
  });

  const refusals: Array<[what: string, files: Record<string, string>, message: string]> = [
    [
      'unknown pictures: how many, the first, where',
      {
        'comp4_det_val_cat.txt': 'a 1 1 1 1 1\nx 1 1 1 1 1\n',
        'comp4_det_val_dog.txt': 'y 1 1 1 1 1\nx 1 1 1 1 1',
      },
      "F: 3 detections of 2 pictures not in the id list 'val', the first is 'x' in F/comp4_det_val_cat.txt: line 2; check split and devkit, or remove these lines",
    ],
    [
      'a file of an unknown class',
      { ...good, 'comp4_det_val_cow.txt': '' },
      "F/comp4_det_val_cow.txt: 'cow' is no class of the data; expected one of cat, dog",
    ],
    [
      'a line of another form',
      { 'comp4_det_val_cat.txt': 'a 1 1 1 1 1\n\na 1 1 1 1\n' },
      'F/comp4_det_val_cat.txt: line 3: has 5 fields, expected 6: <image id> <confidence> <left> <top> <right> <bottom>',
    ],
    [
      'a confidence that is no finite number',
      { 'comp4_det_val_cat.txt': 'a nan 1 1 1 1\n' },
      "F/comp4_det_val_cat.txt: line 1: the confidence is 'nan', expected a finite number",
    ],
    [
      'an infinite confidence',
      { 'comp4_det_val_cat.txt': 'a Infinity 1 1 1 1\n' },
      "F/comp4_det_val_cat.txt: line 1: the confidence is 'Infinity', expected a finite number",
    ],
    [
      'a box without area',
      { 'comp4_det_val_cat.txt': 'a 1 5 5 4 9\n' },
      "F/comp4_det_val_cat.txt: line 1: the box is '5 5 4 9', expected finite <left> <top> <right> <bottom> of a box with an area",
    ],
    [
      'a folder without a file of the list',
      { 'comp4_det_train_cat.txt': '' },
      "F: no result file for the id list 'val'; expected comp4_det_val_cat.txt and so on",
    ],
  ];
  for (const [what, files, message] of refusals) {
    it(`refuses ${what}`, () => {
      const folder = folderOf(files);
      assert.throws(() => readResultFiles(folder, 'val', oneYear), {
        name: 'UserError',
        message: message.replaceAll('F', folder),
      });
    });
  }

  it('refuses a folder that is not there and years of which some have no folder', () => {
    assert.throws(() => readResultFiles(join(root, 'nowhere'), 'val', oneYear), {
      message: `${join(root, 'nowhere')}: no such folder; expected the folder that holds the result files`,
    });
    const folder = folderOf({ 'VOC2007/comp4_det_val_cat.txt': '' });
    assert.throws(() => readResultFiles(folder, 'val', twoYears), {
      message: `${folder}: has a folder for some years but none for VOC2012; add it, or evaluate the other years alone`,
    });
  });
});
