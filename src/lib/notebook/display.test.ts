import assert from 'node:assert/strict';
import { type Mock, mock, test } from 'node:test';
import { display, liveDisplay } from './display';

/** What was printed by `work`. */
function printed(work: () => void): unknown[][] {
  const log: Mock<typeof console.log> = mock.method(console, 'log', () => {});
  try {
    work();
    return log.mock.calls.map((call) => call.arguments);
  } finally {
    log.mock.restore();
  }
}

test('outside of a notebook markdown and text are printed, and nothing else', () => {
  const calls = printed(() => {
    display.markdown('**bold**');
    display.text('plain');
    display.html('<b>html</b>');
    display.svg('<svg/>');
    display.png(new Uint8Array([1]));
    liveDisplay().text('10 %');
    liveDisplay().markdown('10 %');
  });
  assert.deepEqual(calls, [['**bold**'], ['plain']]);
});
