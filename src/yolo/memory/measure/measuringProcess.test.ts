import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../core/errors';
import { MeasuringProcess } from './measuringProcess';

const node = (program: string, options?: { variables: Record<string, string> }) =>
  new MeasuringProcess([process.execPath, '-e', program], options);

test('answers come in their order, the first unasked, and variables are added', async () => {
  const echo =
    "console.log(process.env.SAID); process.stdin.on('data', (line) => console.log('[' + Number(line) + ']'));";
  const child = node(echo, { variables: { SAID: '"ready"' } });
  assert.equal(await child.answer(), 'ready');
  assert.deepEqual(await child.ask('1'), [1]);
  assert.deepEqual(await child.ask('2'), [2]);
  child.kill();
  await assert.rejects(child.answer(), /^UserError: the process ended with SIGTERM$/);
});

test('lines that are no answers go to whoever takes them', async () => {
  const others: string[] = [];
  const onOther = (line: string) => others.push(line);
  const program = "console.log('library,1'); console.log('{}'); console.log('library,2'); console.log('{}')";
  const child = new MeasuringProcess([process.execPath, '-e', program], { onOther });
  assert.deepEqual(
    [await child.answer(), await child.answer(), others],
    [{}, {}, ['library,1', 'library,2']],
  );
});

test('a process that ends without an answer, or never starts, is an error that says so', async () => {
  await assert.rejects(node('process.exit(3)').answer(), /the process ended with 3$/);
  await assert.rejects(new MeasuringProcess(['./no-such-program']).answer(), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /no-such-program does not start: .*ENOENT/);
    return true;
  });
});
