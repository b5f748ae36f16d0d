import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = mkdtempSync(join(tmpdir(), 'evaluate-'));
after(() => rmSync(root, { recursive: true }));

/** Runs the command alone, from its sources, in a process of its own. */
function evaluate(...args: string[]) {
  const script = `
    const { Command } = require('commander');
    const { addEvaluateCommand } = require(${JSON.stringify(join(__dirname, 'evaluate.ts'))});
    const program = new Command();
    addEvaluateCommand(program);
    program.parseAsync(${JSON.stringify(['evaluate', ...args])}, { from: 'user' }).catch((error) => {
      process.stderr.write(error.message + '\\n');
      process.exitCode = 1;
    });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

/** A year with one cat of 50 x 50 pixels in each picture, and one difficult dog in the first; no pictures. */
function year(name: string, ids: string[]): string {
  const folder = join(root, name);
  write(join(folder, 'ImageSets', 'Main', 'val.txt'), ids.join('\n'));
  for (const list of ['cat_val', 'cow_val', 'dog_val']) {
    write(join(folder, 'ImageSets', 'Main', `${list}.txt`), ids.map((id) => `${id} 1`).join('\n'));
  }
  const object = (className: string, difficult: number) =>
    `<object><name>${className}</name><difficult>${difficult}</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>50</xmax><ymax>50</ymax></bndbox></object>`;
  ids.forEach((id, index) => {
    write(
      join(folder, 'Annotations', `${id}.xml`),
      `<annotation><size><width>100</width><height>100</height><depth>3</depth></size>${object('cat', 0)}${index === 0 ? object('dog', 1) : ''}</annotation>`,
    );
  });
  return folder;
}

const first = year('VOC2007', ['000001', '000002']);
const second = year('VOC2012', ['2008_000001', '2008_000002']);
const detections = join(root, 'detections');
// Found, wrong, found, never: AP .5 (1 of 1) and (2 of 3).
write(
  join(detections, 'comp4_det_val_cat.txt'),
  '000001 .9 1 1 50 50\n000002 .8 60 60 90 90\n2008_000001 .7 1 1 50 40\n',
);
write(join(detections, 'comp4_det_val_dog.txt'), '000001 .9 1 1 50 50\n');

const both = ['--devkit', first, '--devkit', second, '--split', 'val', '--detections', detections];

test('--json prints mAP, AP and n by class, pooled and of each year, and warnings apart', () => {
  const { status, stdout, stderr } = evaluate(...both, '--json');
  assert.equal(status, 0, stderr);
  assert.equal(
    stderr,
    `yolov1: warning: ${detections}: no file for cow (such as comp4_det_val_cow.txt); counted as no detections\n`,
  );
  const n = { cat: 4, cow: 0, dog: 0 };
  const pooledAp = 0.25 + 0.25 * (2 / 3);
  assert.deepEqual(JSON.parse(stdout), {
    map: pooledAp,
    ap: { cat: pooledAp, cow: null, dog: null },
    n,
    pictures: 4,
    detections: 4,
    split: 'val',
    rule: 'area',
    iou: 0.5,
    years: {
      VOC2007: {
        map: 0.5,
        ap: { cat: 0.5, cow: null, dog: null },
        n: { ...n, cat: 2 },
        pictures: 2,
        detections: 3,
      },
      VOC2012: {
        map: 0.5,
        ap: { cat: 0.5, cow: null, dog: null },
        n: { ...n, cat: 2 },
        pictures: 2,
        detections: 1,
      },
    },
  });
});

test('prints a table, a line a class, with each year beside the pooled figures', () => {
  const { status, stdout } = evaluate(...both);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `List val: 4 pictures, 4 detections. AP: area under the monotone curve, IoU at least 0.5; n: objects that count, without difficult ones.

class  pooled n      AP  VOC2007 n      AP  VOC2012 n      AP
cat           4  0.4167          2  0.5000          2  0.5000
cow           0       -          0       -          0       -
dog           0       -          0       -          0       -
mAP           4  0.4167          2  0.5000          2  0.5000
`,
  );
});

test('--ap, --iou and --coco change and add what they say', () => {
  const { stdout } = evaluate(...both, '--ap', '11point', '--iou', '0.9', '--coco', '--json');
  const { map, iou, rule, coco } = JSON.parse(stdout);
  // At .9 only the first is found: 3 of 11 recall points at precision 1.
  assert.ok(Math.abs(map - 3 / 11) < 1e-12);
  assert.equal(iou, 0.9);
  assert.equal(rule, '11point');
  // Recall .25 at precision 1 for 26 of 101 points, .5 at 2/3 for 25 more, at seven thresholds of ten.
  const early = 26 / 101;
  const late = (25 / 101) * (2 / 3);
  assert.ok(Math.abs(coco.ap50 - (early + late)) < 1e-12);
  assert.ok(Math.abs(coco.ap75 - (early + late)) < 1e-12);
  assert.ok(Math.abs(coco.ap - (early + 0.7 * late)) < 1e-12);
  assert.equal(coco.apSmall, null);
  assert.deepEqual(Object.keys(coco.apByClass), ['cat', 'cow', 'dog']);
});

test('one year gives columns without its name, and --coco its figures below', () => {
  const own = join(root, 'own');
  write(join(own, 'comp4_det_val_cat.txt'), '000001 .9 1 1 50 50\n000002 .8 1 1 50 50\n');
  const { stdout } = evaluate('--devkit', first, '--split', 'val', '--detections', own, '--coco');
  assert.match(stdout, /^class {2}n {6}AP\ncat {4}2 {2}1\.0000\n/m);
  assert.match(stdout, /^COCO\nAP@\[\.50:\.95\] +1\.0000\nAP50 +1\.0000\nAP75 +1\.0000\n/m);
  assert.match(stdout, /^AP, objects up to 32 x 32 pixels +-\nAP, from 32 x 32 to 96 x 96 +1\.0000\n/m);
});

test('mistakes end with one line that says what to do', () => {
  const wrongIou = evaluate(...both, '--iou', '50');
  assert.equal(wrongIou.status, 1);
  assert.match(
    wrongIou.stderr,
    /argument '50' is invalid\. Expected a number above 0, up to 1, such as 0\.5\./,
  );
  const alone = evaluate('--devkit', first, '--split', 'val', '--detections', detections);
  assert.equal(alone.status, 1);
  assert.equal(
    alone.stderr.split('\n').at(-2),
    `${detections}: 1 detection of 1 picture not in the id list 'val', the first is '2008_000001' in ${detections}/comp4_det_val_cat.txt: line 3; check split and devkit, or remove these lines`,
  );
  const twice = evaluate('--devkit', first, '--devkit', first, '--split', 'val', '--detections', detections);
  assert.equal(
    twice.stderr,
    `${first}: a folder named VOC2007 was given before; give each year once, in folders of different names\n`,
  );
});

test("COCO's ground truth and results are evaluated; either they or a devkit and a list are needed", () => {
  const truth = join(root, 'truth.json');
  write(
    truth,
    JSON.stringify({
      images: [{ id: 1, file_name: 'a.jpg', width: 100, height: 100 }],
      categories: [{ id: 7, name: 'cat' }],
      annotations: [{ image_id: 1, category_id: 7, bbox: [10, 10, 20, 20] }],
    }),
  );
  const found = join(root, 'found.json');
  write(found, JSON.stringify([{ image_id: 1, category_id: 7, bbox: [10, 10, 20, 20], score: 0.5 }]));
  const { status, stdout } = evaluate('--truth', truth, '--detections', found, '--json', '--coco');
  assert.equal(status, 0);
  const printed = JSON.parse(stdout);
  assert.deepEqual([printed.map, printed.ap, printed.coco.ap, printed.truth], [1, { cat: 1 }, 1, truth]);
  assert.match(
    evaluate('--truth', truth, '--detections', found).stdout,
    /truth\.json: 1 picture, 1 detection\./,
  );
  for (const flags of [[], ['--truth', truth, '--devkit', first], ['--split', 'val']]) {
    const refused = evaluate('--detections', found, ...flags);
    assert.match(refused.stderr, /expected either --devkit and --split, or --truth; give one of the two/);
  }
  assert.match(
    evaluate('--detections', found, '--truth', truth, '--split', 'val').stderr,
    /--split: .*truth\.json is one list already; leave it out/,
  );
});
