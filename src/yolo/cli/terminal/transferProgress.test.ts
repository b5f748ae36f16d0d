import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { transferProgress } from './transferProgress';

/** A stream that keeps what is written to it. */
function kept(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    rows: 30,
  }) as unknown as NodeJS.WriteStream;
  return { stream, text: () => String((stream as unknown as PassThrough).read() ?? '') };
}

test('without a terminal: a line for every tenth of a step', () => {
  const { stream, text } = kept(false);
  const progress = transferProgress(stream);
  progress.say('first');
  progress.begin('fetching x', 50e6, 20e6);
  for (let done = 20e6; done <= 50e6; done += 1e5) progress.advance(done);
  progress.end();
  assert.deepEqual(text().split('\n'), [
    'first',
    'fetching x (50 MB), 20 MB are there',
    'fetching x: 25 MB of 50 MB',
    'fetching x: 30 MB of 50 MB',
    'fetching x: 35 MB of 50 MB',
    'fetching x: 40 MB of 50 MB',
    'fetching x: 45 MB of 50 MB',
    'fetching x: 50 MB of 50 MB',
    '',
  ]);
});

test('of unknown size: a line every 100 MB', () => {
  const { stream, text } = kept(false);
  const progress = transferProgress(stream);
  progress.begin('fetching x', undefined, 0);
  for (let done = 0; done <= 250e6; done += 1e6) progress.advance(done);
  progress.end();
  assert.deepEqual(text().split('\n'), ['fetching x', 'fetching x: 100 MB', 'fetching x: 200 MB', '']);
});

test('in a terminal: a bar, which a line in between does not break', () => {
  const { CI } = process.env;
  delete process.env.CI;
  const { stream, text } = kept(true);
  Object.assign(stream, { cursorTo() {}, clearLine() {}, moveCursor() {} });
  const progress = transferProgress(stream);
  if (CI !== undefined) process.env.CI = CI;
  progress.begin('fetching x', 50e6, 20e6);
  progress.advance(30e6);
  progress.say('a word');
  progress.advance(50e6);
  progress.end();
  const shown = text();
  assert.match(shown, /fetching x {2}\[=+-+\] 40 % {2}20 MB of 50 MB/);
  assert.match(shown, /\na word\n.*60 % {2}30 MB of 50 MB/s);
  assert.match(shown, /100 % {2}50 MB of 50 MB/);
});
