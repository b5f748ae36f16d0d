import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Displays, OutputCollector } from './outputs';

const stream = (name: string, text: string) => ({ name, text });
const display = (html: string, id?: string) => ({
  data: { 'text/html': html },
  metadata: {},
  transient: { display_id: id },
});

function collect(
  messages: [string, Record<string, unknown>][],
  displays: Displays = new Map(),
  limit = 1000,
) {
  const collector = new OutputCollector(displays, limit);
  const fits = messages.map(([type, content]) => collector.add(type, content));
  return { collector, fits, outputs: collector.finish() };
}

test('neighbouring pieces of one stream are one output, streams keep their order', () => {
  const { outputs } = collect([
    ['stream', stream('stdout', 'a')],
    ['stream', stream('stdout', 'b\n')],
    ['stream', stream('stderr', 'c\n')],
    ['stream', stream('stdout', 'd\n')],
  ]);
  assert.deepEqual(outputs, [
    { output_type: 'stream', name: 'stdout', text: 'ab\n' },
    { output_type: 'stream', name: 'stderr', text: 'c\n' },
    { output_type: 'stream', name: 'stdout', text: 'd\n' },
  ]);
});

test('an updated display changes where it stands, also in an earlier cell; transient data is not stored', () => {
  const displays: Displays = new Map();
  const first = collect(
    [
      ['display_data', display('1', 'x')],
      ['stream', stream('stdout', 'after\n')],
      ['update_display_data', display('2', 'x')],
    ],
    displays,
  );
  const second = collect([['update_display_data', display('3', 'x')]], displays);
  assert.deepEqual(second.outputs, []);
  assert.deepEqual(first.collector.finish(), [
    { output_type: 'display_data', data: { 'text/html': '3' }, metadata: {} },
    { output_type: 'stream', name: 'stdout', text: 'after\n' },
  ]);
});

test('clear_output clears at once, and with wait when the next output comes', () => {
  assert.deepEqual(
    collect([
      ['display_data', display('1')],
      ['clear_output', { wait: false }],
    ]).outputs,
    [],
  );
  const waiting: [string, Record<string, unknown>][] = [
    ['display_data', display('1')],
    ['clear_output', { wait: true }],
  ];
  assert.equal(collect(waiting).outputs.length, 1);
  const after = collect([...waiting, ['display_data', display('2')]]).outputs;
  assert.deepEqual(after, [{ output_type: 'display_data', data: { 'text/html': '2' }, metadata: {} }]);
});

test('results and errors of other kernels are kept as nbformat stores them', () => {
  const { outputs } = collect([
    ['execute_result', { execution_count: 4, data: { 'text/plain': '2' }, metadata: {} }],
    ['error', { ename: 'E', evalue: 'v', traceback: ['t'] }],
  ]);
  assert.deepEqual(outputs, [
    { output_type: 'execute_result', execution_count: 4, data: { 'text/plain': '2' }, metadata: {} },
    { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
  ]);
});

test('output beyond the limit is refused and nothing is kept after it', () => {
  const { fits, outputs } = collect([
    ['stream', stream('stdout', 'x'.repeat(600))],
    ['stream', stream('stdout', 'y'.repeat(600))],
    ['stream', stream('stdout', 'z')],
  ]);
  assert.deepEqual(fits, [true, false, false]);
  assert.deepEqual(outputs, [{ output_type: 'stream', name: 'stdout', text: 'x'.repeat(600) }]);
});

test('a progress bar or a live chart redrawn any number of times stays within the limit', () => {
  const bar = Array.from({ length: 500 }, (_, i): [string, Record<string, unknown>] => [
    'stream',
    stream('stdout', `\r${String(i).padStart(9)}`),
  ]);
  const chart = Array.from({ length: 50 }, (_, i): [string, Record<string, unknown>] => [
    i === 0 ? 'display_data' : 'update_display_data',
    display(`${i}`.padStart(100), 'live'),
  ]);
  const { fits, outputs } = collect([...bar, ...chart]);
  assert.ok(fits.every(Boolean));
  assert.deepEqual(outputs, [
    { output_type: 'stream', name: 'stdout', text: '      499' },
    { output_type: 'display_data', data: { 'text/html': '49'.padStart(100) }, metadata: {} },
  ]);
});
