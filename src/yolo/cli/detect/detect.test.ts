import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { MODELS, SHIPPED } from '../../detect/shippedDetector';
import type { ExperimentResult } from '../../record/runRecord';
import { runExperiment } from '../../run/experiment';
import { SCENES_RUN } from '../../run/fixtures/scenesRun';
import { initBackend } from '../../tensor/backend';

const PROGRAM = join(__dirname, '..', '..', 'bin', 'yolov1.js');
let folder: string;
let result: ExperimentResult;
let picture: string;

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'cli-detect-'));
  await writeScenesDevkit(join(folder, 'data'), { train: 16, val: 10 });
  const cacheBefore = process.env.YOLOV1_CACHE;
  process.env.YOLOV1_CACHE = join(folder, 'cache');
  result = await runExperiment(
    {
      ...SCENES_RUN,
      name: 'tiny',
      model: { ...SCENES_RUN.model, headWidth: 16 },
      epochs: 12,
      emaDecay: null,
    },
    { results: join(folder, 'records'), workdir: join(folder, 'runs'), dataFolder: join(folder, 'data') },
  );
  if (cacheBefore === undefined) delete process.env.YOLOV1_CACHE;
  else process.env.YOLOV1_CACHE = cacheBefore;
  const pictures = join(folder, 'data', 'Scenes', 'JPEGImages');
  picture = join(pictures, (await readdir(pictures))[0]);
});
after(() => rm(folder, { recursive: true }));

function yolov1(...args: string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true' },
  });
}

function predict(...args: string[]) {
  return yolov1('predict', '--run', 'runs/tiny', '--devkit', 'data/Scenes', '--split', 'val', ...args);
}

/** Exit status 1 and one line on stderr. */
function refused({ status, stderr, stdout }: ReturnType<typeof yolov1>, message: RegExp): void {
  assert.equal(status, 1, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, message);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
}

test("predict's result files are evaluated to the mean average precision of the run's own record", () => {
  const predicted = predict('--out', 'found');
  assert.equal(predicted.status, 0, predicted.stderr);
  assert.match(predicted.stdout, /^found: \d+ detections in \d+ files\n$/);
  const { status, stdout, stderr } = yolov1(
    ...['evaluate', '--devkit', 'data/Scenes', '--split', 'val', '--detections', 'found', '--json'],
  );
  assert.equal(status, 0, stderr);
  const { map } = JSON.parse(stdout);
  assert.ok(result.evaluation.final.pooled.map > 0);
  // The files hold confidences and pixels to a limited number of digits.
  assert.ok(Math.abs(map - result.evaluation.final.pooled.map) < 0.005, `${map}`);
  refused(
    predict('--out', 'found'),
    /comp4_det_val_circle\.txt: holds detections already; give another --out/,
  );
});

const evaluate = (...args: string[]) =>
  yolov1('evaluate', '--devkit', 'data/Scenes', '--split', 'val', ...args);

test("evaluate --run finds the record's mean average precision, and what is taken for what", () => {
  const { status, stdout, stderr } = evaluate('--run', 'runs/tiny', '--json', '--coco');
  assert.equal(status, 0, stderr);
  const { map, n, coco, run, flip, confusion, errors, precision, scoreCut, speed } = JSON.parse(stdout);
  const { pooled, errors: recorded } = result.evaluation.final;
  assert.ok(Math.abs(map - pooled.map) < 1e-6, `${map}`);
  assert.ok(coco.ap <= coco.ap50);
  assert.deepEqual([run, flip, scoreCut], ['runs/tiny', false, 0.25]);
  const names = Object.keys(n);
  assert.deepEqual(Object.keys(errors), Object.keys(recorded!));
  assert.equal(confusion.length, names.length + 1);
  // Every object that counts stands in one column of its row.
  names.forEach((name, row) => {
    assert.equal(
      confusion[row].reduce((sum: number, count: number) => sum + count, 0),
      n[name],
    );
  });
  assert.ok(speed.seconds > 0 && speed.cores > 0 && speed.load >= 0);
  for (const values of Object.values(precision)) assert.equal((values as number[]).length, 11);
});

test('evaluate --run prints tables; --flip says something else of the same objects', () => {
  const { status, stdout, stderr } = evaluate('--run', 'runs/tiny');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^mAP +\d+ +\d\.\d{4}$/m);
  assert.match(stdout, /^recall +0\.0 +0\.1 .* 1\.0$/m);
  assert.match(stdout, /with detections from a score of 0\.25 on/);
  assert.match(stdout, /^class +n +found +missed +taken for$/m);
  assert.match(stdout, /correct \d+\.\d %, localisation/);
  const flipped = JSON.parse(evaluate('--run', 'runs/tiny', '--flip', '--json').stdout);
  assert.equal(flipped.flip, true);
  assert.notEqual(flipped.map, result.evaluation.final.pooled.map);
});

test('evaluate refuses what excludes each other, a record without its network, and data of other classes', () => {
  refused(
    evaluate('--run', 'runs/tiny', '--detections', 'found'),
    /--detections are there already; leave it out/,
  );
  refused(evaluate('--run', 'records/tiny'), /this is a run's record, without its weights/);
  refused(yolov1('evaluate', '--truth', 'x.json'), /--truth needs --detections; a network is evaluated on/);
});

test('predict refuses an unknown list, a folder that is no run and classes of another data set', async () => {
  refused(
    yolov1('predict', '--run', 'runs/none', '--devkit', 'data/Scenes', '--split', 'val', '--out', 'x'),
    /runs\/none/,
  );
  refused(
    yolov1('predict', '--run', 'runs/tiny', '--devkit', 'data/Scenes', '--split', 'night', '--out', 'x'),
    /night/,
  );
  const other = join(folder, 'other', 'ImageSets', 'Main');
  await mkdir(other, { recursive: true });
  await mkdir(join(folder, 'other', 'JPEGImages'));
  await mkdir(join(folder, 'other', 'Annotations'));
  await writeFile(join(other, 'val.txt'), '0001\n');
  await writeFile(join(other, 'zebra_val.txt'), '0001 1\n');
  refused(
    yolov1('predict', '--run', 'runs/tiny', '--devkit', 'other', '--split', 'val', '--out', 'x'),
    /zebra/,
  );
  refused(
    yolov1('evaluate', '--run', 'runs/tiny', '--devkit', 'other', '--split', 'val'),
    /its classes \(zebra\) are not those that runs\/tiny was trained on/,
  );
  assert.ok(!(await readdir(folder)).includes('x'));
});

test('without --run the detector of the package is used, and a line says so or that it is missing', () => {
  const detected = yolov1('detect', '--json', picture);
  const predicted = yolov1('predict', '--devkit', 'data/Scenes', '--split', 'val', '--out', 'x');
  if (!existsSync(join(MODELS, SHIPPED))) {
    for (const tried of [detected, predicted]) refused(tried, /the detector of the package is missing; give/);
    return;
  }
  const said =
    /^yolov1: no --run given, so with the package's own detector yolov1-resnet18 of \d+ classes; .*\n/;
  assert.match(detected.stderr, said);
  assert.equal(detected.status, 0, detected.stderr);
  assert.equal(JSON.parse(detected.stdout).run, SHIPPED);
  assert.match(predicted.stderr, said);
  assert.match(predicted.stderr, /its classes \(.*\) are not those that yolov1-resnet18 was trained on/);
});

test('a run packed in 8 bits stands for the run itself, and is not packed over anything', () => {
  const pack = () => yolov1('export', '--run', 'runs/tiny', '--to', 'packed', '--out', 'packed');
  assert.equal(pack().status, 0);
  const { status, stdout, stderr } = yolov1('detect', '--run', 'packed', '--score', '0', '--json', picture);
  assert.equal(status, 0, stderr);
  const { run, pictures } = JSON.parse(stdout);
  assert.equal(run, 'packed');
  assert.ok(pictures[0].detections.length > 0);
  refused(pack(), /packed\/detector\.json: is there already, and nothing is replaced/);
});

test('detect prints what is in each picture and goes on after one that cannot be read', () => {
  const { status, stdout, stderr } = yolov1(
    ...['detect', '--run', 'runs/tiny', '--score', '0', '--json', picture, 'missing.jpg', picture],
  );
  assert.equal(status, 1);
  assert.match(stderr, /^yolov1: missing\.jpg: .*\n$/);
  const { pictures } = JSON.parse(stdout);
  assert.equal(pictures.length, 3);
  assert.ok(pictures[0].detections.length > 0);
  assert.deepEqual(pictures[2], pictures[0]);
  assert.deepEqual(Object.keys(pictures[1]), ['picture', 'error']);
});

test('detect draws beside nothing of the user: its own outputs are replaced, other files are not', async () => {
  const out = join(folder, 'drawn');
  const name = 'a "strange" <name>';
  const copy = join(folder, `${name}.jpg`);
  await copyFile(picture, copy);
  const before = await readFile(copy);
  const draw = () => yolov1('detect', '--run', 'runs/tiny', '--score', '0.01', '--out', 'drawn', copy);
  const first = draw();
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /objects?, drawn in /);
  assert.deepEqual((await readdir(out)).sort(), [`${name}.detected.jpg`, `${name}.detected.json`]);
  const { width, height } = await sharp(join(out, `${name}.detected.jpg`)).metadata();
  const original = await sharp(picture).metadata();
  assert.deepEqual([width, height], [original.width, original.height]);
  assert.equal(draw().status, 0);
  assert.deepEqual(await readFile(copy), before);

  await writeFile(join(out, `${name}.detected.json`), '{"notes": "mine"}');
  refused(draw(), /would be replaced, but is no output of yolov1 detect/);
  assert.equal(await readFile(join(out, `${name}.detected.json`), 'utf8'), '{"notes": "mine"}');
});

test('detect refuses two pictures that would be drawn to the same file, and a score that is no number', async () => {
  await mkdir(join(folder, 'twice'));
  await copyFile(picture, join(folder, 'twice', 'one.jpg'));
  await copyFile(picture, join(folder, 'one.jpg'));
  refused(
    yolov1('detect', '--run', 'runs/tiny', '--out', 'both', 'one.jpg', join('twice', 'one.jpg')),
    /drawn to the same file/,
  );
  const { status, stderr } = yolov1('detect', '--run', 'runs/tiny', '--score', 'high', 'one.jpg');
  assert.equal(status, 1);
  assert.match(stderr, /Expected a number from 0 on/);
});

test('detect takes folders, patterns and pictures of every format, whatever their orientation', async () => {
  const many = join(folder, 'many');
  await mkdir(many);
  const upright = await sharp(picture).metadata();
  for (const format of ['jpeg', 'png', 'webp', 'tiff', 'gif', 'avif'] as const) {
    await sharp(picture)
      .toFormat(format)
      .toFile(join(many, `${format}.${format === 'jpeg' ? 'jpg' : format}`));
  }
  // Turned by a quarter, with the orientation that turns it back.
  await sharp(await sharp(picture).rotate(90).toBuffer())
    .withExif({})
    .withMetadata({ orientation: 8 })
    .jpeg()
    .toFile(join(many, 'turned.jpg'));
  await writeFile(join(many, 'bad.png'), 'no picture');
  const { status, stdout, stderr } = yolov1(
    ...['detect', '--run', 'runs/tiny', '--score', '0', '--json', 'many', 'many/*.jpg'],
  );
  assert.equal(status, 1);
  assert.match(stderr, /^yolov1: many\/bad\.png: can't be read as a picture; .*\n$/);
  const { pictures } = JSON.parse(stdout) as {
    pictures: { picture: string; width: number; height: number }[];
  };
  const names = [
    'avif.avif',
    'bad.png',
    'gif.gif',
    'jpeg.jpg',
    'png.png',
    'tiff.tiff',
    'turned.jpg',
    'webp.webp',
  ];
  assert.deepEqual(
    pictures.map(({ picture: name }) => name),
    [...names, 'jpeg.jpg', 'turned.jpg'].map((name) => join('many', name)),
  );
  for (const { picture: name, width, height } of pictures) {
    if (name !== join('many', 'bad.png'))
      assert.deepEqual([width, height], [upright.width, upright.height], name);
  }
});

test('detect that finds nothing says the cut and how near the best score came', () => {
  const { status, stdout, stderr } = yolov1('detect', '--run', 'runs/tiny', '--score', '0.999', picture);
  assert.equal(status, 0, stderr);
  const [, best] =
    /no objects above 0\.999; the best score is (0\.\d{3}) \(\w+\), see --score\n$/.exec(stdout) ?? [];
  assert.ok(Number(best) > 0 && Number(best) < 0.999, stdout);
});

test('detect writes one line a picture, and all detections in the form of COCO, never over a file', () => {
  const coco = () =>
    yolov1('detect', '--run', 'runs/tiny', '--score', '0', '--coco', 'coco.json', picture, picture);
  const { status, stdout, stderr } = coco();
  assert.equal(status, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0], /: \d+ x \d+, \d+ objects?: \w+ 0\.\d{3} \(-?\d+ -?\d+ \d+ \d+\)/);
  const entries = JSON.parse(readFileSync(join(folder, 'coco.json'), 'utf8'));
  assert.equal(entries.length, 2 * lines[0].split('), ').length);
  assert.deepEqual(Object.keys(entries[0]), ['image_id', 'category_id', 'bbox', 'score']);
  refused(coco(), /coco\.json: is there already, and nothing is replaced/);
});

test('a place where nothing can be written, and pictures that are not there, are found out before the work', async () => {
  const within = (what: string) =>
    new RegExp(`^yolov1: coco.json/x: ${what} can't be written there .*ENOTDIR`);
  const place = join('coco.json', 'x');
  refused(yolov1('detect', '--run', 'runs/tiny', '--out', place, picture), within('drawings'));
  refused(yolov1('detect', '--run', 'runs/tiny', '--coco', join(place, 'y'), picture), within('detections'));
  refused(predict('--out', place), within('detections'));
  await writeFile(join(folder, 'data', 'Scenes', 'ImageSets', 'Main', 'more.txt'), 'none\nnothing\n');
  refused(
    yolov1('predict', '--run', 'runs/tiny', '--devkit', 'data/Scenes', '--split', 'more', '--out', 'y'),
    /none\.jpg: no such picture, nor 1 other of the list; add what is missing or take it out of the list/,
  );
});

test('control characters in a file name do not reach the terminal', async () => {
  const name = 'red\u001b[31m.jpg';
  await copyFile(picture, join(folder, name));
  const { stdout, stderr } = yolov1('detect', '--run', 'runs/tiny', name, 'no\u001b[2Jne.jpg');
  assert.match(stdout, /^red\?\[31m\.jpg: /);
  assert.ok(!`${stdout}${stderr}`.includes('\u001b'));
});

test('Ctrl-C ends it in order: one line, the status of a signal, and no copy left behind', async () => {
  const own = join(folder, 'temporary');
  await mkdir(own);
  const sources = Array.from({ length: 400 }, () => picture);
  const child = spawn(process.execPath, [PROGRAM, 'detect', '--run', 'runs/tiny', ...sources], {
    cwd: folder,
    env: { ...process.env, TMPDIR: own },
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const [status] = await once(child, 'close');
  assert.deepEqual([status, said], [130, 'yolov1: stopped; what was drawn is kept\n']);
  assert.deepEqual(await readdir(own), []);
});
