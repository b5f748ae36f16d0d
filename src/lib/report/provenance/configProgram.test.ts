import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { configProgram } from './configProgram';

test('reads as one would write it', () => {
  const config = {
    name: "it's",
    optimizer: { kind: 'adam', decay: 5e-4 },
    lists: ['a', 'b'],
    limit: null,
    'a-b': {},
  };
  assert.equal(
    configProgram(config),
    "{\n  name: 'it\\'s',\n  optimizer: { kind: 'adam', decay: 0.0005 },\n  lists: ['a', 'b'],\n  limit: null,\n  'a-b': {},\n}",
  );
});

test('says what it was made of', () => {
  // This one name means something else in a literal.
  const value = fc.jsonValue().filter((made) => !JSON.stringify(made).includes('__proto__'));
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'),
        value,
      ),
      (config) => {
        const made = runInNewContext(`JSON.stringify(${configProgram(config)})`) as string;
        assert.deepEqual(JSON.parse(made), JSON.parse(JSON.stringify(config)));
      },
    ),
  );
});
