import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../prepare.mjs';

const require = createRequire(import.meta.url);
const TSX = require.resolve('tsx');
let folder;

before(async () => {
  const { writeScenesDevkit } = require('yolov1/data');
  folder = mkdtempSync(join(tmpdir(), 'readme-'));
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(join(root, 'src', 'yolo'), join(folder, 'node_modules', 'yolov1'));
  symlinkSync(join(root, 'src', 'yolo', 'bin', 'yolov1.js'), join(folder, 'node_modules', '.bin', 'yolov1'));
  await writeScenesDevkit(join(folder, 'scenes'), { train: 8, val: 4 });
  const scenes = join(folder, 'scenes', 'Scenes');
  for (const place of ['data/MyYear', 'data/VOCdevkit/VOC2012'])
    cpSync(scenes, join(folder, place), { recursive: true });
  const [first] = readdirSync(join(scenes, 'JPEGImages'));
  cpSync(join(scenes, 'JPEGImages', first), join(folder, 'street.jpg'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});
after(() => rmSync(folder, { recursive: true }));

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      CI: 'true',
      YOLOV1_WEIGHTS: join(folder, 'none'),
    },
  });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The fenced blocks of a page in their order, each with the heading of its section. */
function blocksOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    const blocks = section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
    return [...blocks].map(([, language, code]) => ({ heading, language, code }));
  });
}

/** Commands that are run by other tests (in brackets), because they set up or change this machine. */
const ELSEWHERE = [
  /^npm start\b/, // .ci/run
  /^npm test\b/, // this run
  /^npm run (lab|bench|report)\b/, // lab.test, bench.test, build-report.test
  /^npm install --ignore-scripts yolov1-/, // tarball.test
  /^npx yolov1 setup\b/, // tarball.test
  /^npx yolov1 (data|weights) fetch\b/, // src/yolo/fetch and src/yolo/cli, from a server of their own
];

/** What is added to a command that would train for hours: one epoch of two updates. */
const SHORTER = [
  [/^train voc2012\.ts\b/, ['--set', 'epochs=1', '--set', 'evaluateAfter=[]', '--set', 'limit=32']],
];

/**
 * Does what a page tells a reader to do, as written, in an empty folder on generated scenes.
 *
 * @param page - Path in the repository.
 * @param isWanted - Sections by heading; each must stand by itself. Default all.
 */
export function testPage(page, isWanted = () => true) {
  test(`${page}: every command and program works as written`, () => {
    let done = 0;
    for (const { heading, language, code } of blocksOf(page)) {
      if (!isWanted(heading)) continue;
      if (language === 'sh') {
        for (const line of code.split('\n').map((text) => text.replace(/\s+#.*$/, '').trim())) {
          if (line === '' || ELSEWHERE.some((pattern) => pattern.test(line))) continue;
          const words = line.split(' ');
          assert.deepEqual(words.splice(0, 2), ['npx', 'yolov1'], `${line}: not known how to run it`);
          const shorter = SHORTER.filter(([pattern]) => pattern.test(words.join(' '))).flatMap(
            ([, more]) => more,
          );
          run(process.execPath, [join(folder, 'node_modules', '.bin', 'yolov1'), ...words, ...shorter]);
          done++;
        }
      } else if (language === 'ts') {
        const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
        writeFileSync(join(folder, name ?? 'program.ts'), code);
        if (!name) {
          run(process.execPath, ['--import', TSX, 'program.ts']);
          done++;
        }
      }
    }
    assert.ok(done > 1, `${done} commands and programs`);
  });
}
