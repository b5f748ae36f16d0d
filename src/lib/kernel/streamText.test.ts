import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { settleText } from './streamText';

test('of a progress bar that rewrites its line only the last state stays', () => {
  assert.equal(settleText('\r 10 %\r 50 %\r100 %\ndone\n'), '100 %\ndone\n');
  assert.equal(
    settleText('\x1b[?25l\x1b[1G[==  ] 5/10\x1b[0K\x1b[1G[====] 10/10\x1b[0K\n\x1b[?25h'),
    '[====] 10/10\n',
  );
  assert.equal(settleText('epoch 1\x1b[2K\x1b[1Gepoch 2'), 'epoch 2');
});

test('a shorter text overwrites only what is under it, as on a terminal', () => {
  assert.equal(settleText('123456\rab'), 'ab3456');
  assert.equal(settleText('abc\b\bX'), 'aXc');
  assert.equal(settleText('ab\x1b[5Gx'), 'ab  x');
  assert.equal(settleText('abc\r\x1b[Kx'), 'x');
});

test('colours, Windows line ends and letters outside the basic plane stay', () => {
  assert.equal(settleText('\x1b[31mred\x1b[39m\n'), '\x1b[31mred\x1b[39m\n');
  assert.equal(settleText('a\r\nb\r\n'), 'a\r\nb\r\n');
  assert.equal(settleText('\rgrün 🙂\r'), 'grün 🙂');
});

test('text is unchanged without control characters, and settling twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!['\r', '\b', '\x1b'].some((control) => text.includes(control)));
      assert.equal(settleText(text), text);
    }),
  );
  const piece = fc.constantFrom(
    'a',
    'bc',
    ' ',
    '\r',
    '\n',
    '\b',
    '\x1b[K',
    '\x1b[2K',
    '\x1b[1G',
    '\x1b[32m',
    '🙂',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const once = settleText(pieces.join(''));
      assert.equal(settleText(once), once);
    }),
  );
});

test('settling the settled part with a rest from its last carriage return on is settling the whole', () => {
  const piece = fc.constantFrom('a', 'bc', ' ', '\r', '\n', '\x1b[K', '🙂');
  fc.assert(
    fc.property(fc.array(piece), fc.array(piece), (before, after) => {
      const [head, tail] = [before.join(''), `\r${after.join('')}`];
      assert.equal(settleText(settleText(head) + tail), settleText(head + tail));
    }),
  );
});

test('a code that sends the cursor further than any terminal is wide costs a line, not the memory', () => {
  assert.equal(settleText('a\x1b[999999999Gb'), `a${' '.repeat(999)}b`);
});
