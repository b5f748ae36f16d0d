// Small sets as people's tools write them, beside the project: each is right, or told in one clear way.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { messageOf, UserError } from '../../core/errors';
import { checkDevkit } from '../checkDevkit';
import { readPicture } from '../picture/picture';
import { importData } from './importData';
import type { Mend } from './mend';

const CASES = join(__dirname, '../../../../../shared/cases');
const skip = existsSync(CASES) ? false : 'the cases do not lie beside the project';

/** What is said of a case. */
interface Decision {
  /** As it is: right, or what each finding says, or the error that names the import. */
  asItIs: 'right' | RegExp;
  /** By an import with `fix`: right, what is mended, or what each problem or the error says. */
  imported: 'right' | Mend | RegExp;
}

const RIGHT: Decision = { asItIs: 'right', imported: 'right' };
const toImport = (kind: string): Decision => ({
  asItIs: new RegExp(
    `no such folder; expected one year .* It holds ${kind}: bring them .*'yolov1 data import`,
  ),
  imported: 'right',
});
const VOC = toImport('Pascal VOC annotations');
const COCO = toImport('COCO JSON');

const DECISIONS: Readonly<Record<string, Decision>> = {
  'data/JPG_ext': RIGHT,
  // Pictures without an object are right; a training on nothing else is refused before it begins.
  'data/all_empty': { asItIs: 'right', imported: /none of its 6 pictures has an object/ },
  'data/bad_pictures': {
    asItIs: /the file is empty|can't be read as a picture|is HEIC, which can't be decoded/,
    imported: /the file is empty|can't be read as a picture|is HEIC, which can't be decoded/,
  },
  'data/border_exact': RIGHT,
  'data/coco': COCO,
  'data/crlf_bom': RIGHT,
  'data/cvat_voc': RIGHT,
  'data/dots': RIGHT,
  // Its sizes are those of the turned pictures.
  'data/exif_rotated': RIGHT,
  'data/floats': RIGHT,
  'data/floats_sci': RIGHT,
  'data/good': RIGHT,
  'data/good2': RIGHT,
  'data/jpeg_ext': RIGHT,
  'data/labelimg_flat': VOC,
  'data/labelstudio_voc': VOC,
  'data/list_named_my_train': RIGHT,
  'data/list_with_ext': RIGHT,
  'data/list_with_paths': { asItIs: /is no picture id; .*'yolov1 data import'/, imported: 'right' },
  'data/modes': RIGHT,
  'data/negative': { asItIs: /lies outside the picture of 320 x 240/, imported: 'clipped' },
  'data/no_classlists': RIGHT,
  'data/no_difficult': RIGHT,
  'data/no_imagesets': VOC,
  'data/no_objects': RIGHT,
  'data/no_size': { asItIs: /has no <size>/, imported: 'size' },
  'data/no_xml': {
    asItIs: /no such annotation; add it or take 'img[15]' out of its list/,
    imported: 'right',
  },
  'data/one_classlist_missing': RIGHT,
  'data/only_train': RIGHT,
  'data/other_classes': { asItIs: /unknown class 'ewe'.*classes\.txt, one a line/, imported: 'right' },
  'data/over_by_one': { asItIs: /lies outside the picture of 320 x 240/, imported: 'clipped' },
  'data/parens': RIGHT,
  'data/png': RIGHT,
  'data/png_named_jpg': RIGHT,
  'data/reversed': { asItIs: /is reversed; xmin and ymin must be the smaller/, imported: 'swapped' },
  'data/roboflow_coco': COCO,
  'data/size_depth1': RIGHT,
  'data/size_zero': { asItIs: /has width 0 in <size>/, imported: 'size' },
  'data/subfolders': { asItIs: /no such (?:annotation|picture);/, imported: 'right' },
  'data/subfolders_listed': { asItIs: /is no picture id; .*'yolov1 data import'/, imported: 'right' },
  'data/unicode': RIGHT,
  'data/webp_named_jpg': RIGHT,
  'data/xmin_eq_xmax': { asItIs: /xmax above xmin|no area|is empty/, imported: 'dropped' },
  'data/yolo_txt': toImport('YOLO labels'),
  'voc/jpeg_ext/MyYear': RIGHT,
  'voc/mini_train_with_lists/MyYear': RIGHT,
};

test('every case has a decision', { skip }, () => {
  const there = readdirSync(join(CASES, 'data')).map((name) => `data/${name}`);
  const decided = Object.keys(DECISIONS).filter((name) => name.startsWith('data/'));
  assert.deepEqual(there.sort(), decided.sort());
});

test('each case is right, or what is wrong is said in words that lead on; its import is a year with nothing wrong', {
  skip,
}, async (context) => {
  const target = await mkdtemp(join(tmpdir(), 'cases-'));
  try {
    for (const [name, { asItIs, imported }] of Object.entries(DECISIONS)) {
      await context.test(name, async () => {
        const found = await told(async () => (await checkDevkit(join(CASES, name))).findings);
        expect(found, asItIs);
        const to = join(target, name.replaceAll('/', '-'));
        let mended: string[] = [];
        const problems = await told(async () => {
          const report = await importData(join(CASES, name), { to, fix: true });
          mended = Object.keys(report.mended);
          return report.problems;
        });
        expect(problems, imported instanceof RegExp ? imported : 'right');
        assert.deepEqual(mended, typeof imported === 'string' && imported !== 'right' ? [imported] : []);
        if (existsSync(to)) assert.deepEqual((await checkDevkit(to)).findings, []);
      });
    }
  } finally {
    await rm(target, { recursive: true });
  }
});

test('a photograph that is damaged in the middle is told from the sound one', { skip }, async () => {
  const folder = join(CASES, 'voc', 'corrupt_jpeg');
  for (const name of readdirSync(folder)) {
    const read = readPicture(join(folder, name));
    if (name === 'good.jpg') await read;
    else await assert.rejects(read, /: is damaged or cut off/, name);
  }
});

/** What is wrong, one entry each; an error in words is one of them. */
async function told(work: () => Promise<readonly { problem: string }[]>): Promise<string[]> {
  try {
    return (await work()).map(({ problem }) => problem);
  } catch (error) {
    assert.ok(error instanceof UserError, (error as Error).stack);
    return [messageOf(error)];
  }
}

function expect(found: readonly string[], decision: 'right' | RegExp): void {
  if (decision === 'right') assert.deepEqual(found, []);
  else {
    assert.notEqual(found.length, 0);
    for (const problem of found) assert.match(problem, decision);
  }
}
