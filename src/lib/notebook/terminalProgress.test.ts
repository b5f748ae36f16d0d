import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleText } from '../kernel/streamText';
import type { Progress } from './executeCells';
import { terminalProgress } from './terminalProgress';

const STEPS: Progress[] = [
  { state: 'started', cell: 1, cells: 2, text: '', seconds: 0 },
  { state: 'text', cell: 1, cells: 2, text: 'epoch 1\r\u001b[32mepoch 2\u001b[39m\n\n', seconds: 1.6 },
  { state: 'done', cell: 1, cells: 2, text: '', seconds: 3.44 },
  { state: 'started', cell: 2, cells: 2, text: '', seconds: 0 },
  { state: 'failed', cell: 2, cells: 2, text: '', seconds: 0.2 },
];

test('into a file, one line for each cell when it ends', () => {
  let text = '';
  const progress = terminalProgress({ write: (piece) => (text += piece) });
  for (const step of STEPS) progress(step);
  assert.equal(text, '  cell 1/2  3.4 s\n  cell 2/2  0.2 s  failed\n');
});

test('on a terminal, the running cell shows its time and the last line it printed, and no trace of it stays', () => {
  let text = '';
  const progress = terminalProgress({ isTTY: true, columns: 80, write: (piece) => (text += piece) });
  progress(STEPS[0]!);
  progress(STEPS[1]!);
  assert.equal(settleText(text), '  cell 1/2  2 s  epoch 2');
  for (const step of STEPS.slice(2)) progress(step);
  assert.equal(settleText(text), '  cell 1/2  3.4 s\n  cell 2/2  0.2 s  failed\n');
});

test('the line of the running cell is never wider than the terminal', () => {
  let text = '';
  const progress = terminalProgress({ isTTY: true, columns: 20, write: (piece) => (text += piece) });
  for (const step of STEPS.slice(0, 3)) progress(step);
  const widths = text.split('\r\u001b[K').map((line) => line.length);
  assert.equal(Math.max(...widths), 19);
});
