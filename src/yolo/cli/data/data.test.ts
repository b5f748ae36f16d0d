import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Command } from 'commander';
import { UserError } from '../../core/errors';
import type { DevkitReport } from '../../data/checkDevkit';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { addDataCommand, describeDevkit } from './data';

let folder: string;
let year: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-data-'));
  year = await writeScenesDevkit(folder, { train: 2, val: 1 });
});
after(() => rm(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = undefined;
});

/** Runs a `data` command and returns what it prints. */
async function data(...args: string[]): Promise<string> {
  const printed: string[] = [];
  const program = new Command('yolov1')
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => {} });
  addDataCommand(program);
  await program.parseAsync(['data', ...args], { from: 'user' });
  return printed.join('');
}

const check = (...args: string[]) => data('check', ...args);

test('a right devkit is described, exit status 0', async () => {
  const text = await check(year);
  assert.match(
    text,
    /Scenes: 3 pictures, \d+ objects; lists: train 2, trainval 3, val 1\nNote: .*\nNothing is wrong\.\nNext: yolov1 train CONFIG --data .*, with train: \['Scenes\/train'\] and evaluate: \['Scenes\/val'\]\n$/s,
  );
  assert.equal(process.exitCode, undefined);
});

test('a wrong picture gives a line and exit status 1, also as JSON', async () => {
  await rm(join(year, 'JPEGImages', '000003.jpg'));
  assert.match(
    await check(year),
    /\nJPEGImages\/000003\.jpg {2}trainval val {2}no such picture; .*\n\n.*1 thing is wrong\.\nNext: mend them, or yolov1 data import .*Scenes --to .*Scenes-mended --fix, which/s,
  );
  assert.equal(process.exitCode, 1);
  const report = JSON.parse(await check(year, '--json')) as DevkitReport;
  assert.deepEqual(
    report.findings.map(({ file }) => file),
    ['JPEGImages/000003.jpg'],
  );
});

test('other class names can be given', async () => {
  assert.match(
    await check(year, '--classes', 'dog, cat'),
    /unknown class '\w+' \(nearest known: '(dog|cat)'\)/,
  );
});

test('class names without a name among them are refused alike by every command that takes some', async () => {
  const message =
    "error: option '--classes <names>' argument 'dog,,cat' is invalid. Expected names separated by commas, such as 'cat,dog'.";
  await assert.rejects(check(year, '--classes', 'dog,,cat'), { message });
  await assert.rejects(data('import', year, '--to', join(folder, 'none'), '--classes', 'dog,,cat'), {
    message,
  });
});

test('a folder that is no devkit is a mistake of the user', async () => {
  await assert.rejects(check(join(folder, 'none')), UserError);
});

test('the table lines up', () => {
  const findings = [
    { lists: ['train'], file: 'a.xml', problem: 'one' },
    { lists: ['train', 'val'], file: 'Annotations/b.xml', problem: 'two' },
  ];
  const report = {
    folder: '/d',
    classes: ['cat'],
    lists: { train: 2 },
    pictures: 2,
    objects: { cat: 3 },
    findings,
    remarks: ['a note'],
  };
  assert.equal(
    describeDevkit(report),
    [
      '/d: 2 pictures, 3 objects; lists: train 2',
      '',
      'file               lists      what is wrong',
      'a.xml              train      one',
      'Annotations/b.xml  train val  two',
      '',
      'Note: a note.',
      '2 things are wrong.',
      'Next: mend them, or yolov1 data import /d --to /d-mended --fix, which mends what it can and leaves out the rest',
      '',
    ].join('\n'),
  );
});

test('only years that are published can be fetched', async () => {
  await assert.rejects(
    data('fetch', 'voc2013'),
    /'voc2013' is invalid for argument 'set'\. Allowed choices are voc2012, voc2007\./,
  );
});

test('fetch says what and where to first; a mirror that lacks the archive is a mistake of the user', async (t) => {
  const said: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/voc`;
  const to = join(folder, 'fetched');
  try {
    await assert.rejects(
      data('fetch', 'voc2007', '--to', to, '--url', mirror),
      (error) => error instanceof UserError && /answers 404 Not Found|of disk are free/.test(error.message),
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
  assert.ok(asked.every((path) => path === '/voc/VOCtrainval_06-Nov-2007.tar'));
  assert.equal(
    said[0],
    `VOC2007: 911 MB to fetch and to unpack into ${join(to, 'VOC2007')}. Nothing that is there is overwritten.\n`,
  );
});
