import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../core/errors';
import { SCENES_RUN } from '../fixtures/scenesRun';
import { type ExperimentOverrides, resolveConfig } from './config';
import { applySettings } from './configFile';

const RECORDS = join(__dirname, '..', '..', '..', '..', 'report', 'runs');

const resolve = (changes: object) => resolveConfig({ ...SCENES_RUN, ...changes } as ExperimentOverrides);

/** @returns The one line in which a configuration is refused; undefined where it is taken. */
function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UserError, (error as Error).stack);
    assert.ok(!error.message.includes('\n'), error.message);
    return error.message;
  }
}

test('the configurations of all stored records have the form, so that none is trained again for it', () => {
  for (const name of readdirSync(RECORDS)) {
    const { config } = JSON.parse(readFileSync(join(RECORDS, name, 'record.json'), 'utf8'));
    assert.equal(
      refusal(() => resolveConfig(config)),
      undefined,
      name,
    );
  }
});

test('each field is held to its type, range and choices, nested ones too, with what was meant', () => {
  const cases: [object, RegExp][] = [
    [{ loss: { kind: 'sigmiod' } }, /loss\.kind is 'sigmiod', expected .* or .*; did you mean 'sigmoid'\?/],
    [{ trainable: 'al' }, /trainable is 'al', expected head or all; did you mean 'all'\?/],
    [{ batchNorm: 'freeze' }, /batchNorm is 'freeze', expected .*; did you mean 'frozen'\?/],
    [{ learningRate: true }, /learningRate is true, expected a number above 0/],
    [{ profile: 'big' }, /profile is 'big', expected smoke, short, mini or full/],
    [{ limit: 0 }, /limit is 0, expected a whole number above 0/],
    [{ evaluateAfter: 3 }, /evaluateAfter is 3, expected a list of epochs/],
    [{ evaluateAfter: [1, 'a'] }, /evaluateAfter\.1 is 'a', expected a whole number, 0 or more/],
    [
      { model: { ...SCENES_RUN.model, headWidth: 1e9 } },
      /model\.headWidth is 1000000000, expected a whole number, at most/,
    ],
    [{ model: null }, /model is null, expected an object/],
    [{ model: { ...SCENES_RUN.model, dropout: 1 } }, /model\.dropout is 1, expected a number, 0 to/],
    [{ epochs: null }, /epochs is null, expected a whole number above 0/],
    [{ seed: 0.5 }, /seed is 0\.5, expected a whole number, 0 or more/],
    [
      { optimizer: { kind: 'adam', beta3: 1 } },
      /unknown field 'optimizer\.beta3'; did you mean 'optimizer\.beta[12]'\?/,
    ],
    [{ schedule: { kind: 'oneCycle', rise: 2 } }, /schedule\.rise is 2, expected a number, 0 to 1/],
    [{ views: { flip: 'yes', crops: 0 } }, /views\.flip is 'yes', expected true or false/],
    [
      { augmentation: { fit: 'stretch', zoom: { scale: [2, 1], aspect: [1, 1] } } },
      /zoom\.scale is \[2, 1\], expected two numbers above 0, the smaller first/,
    ],
    [
      { loss: { kind: 'yolo', confidenceLoss: { kind: 'focl' } } },
      /loss\.confidenceLoss\.kind is 'focl', .*did you mean 'focal'/,
    ],
    [{ train: [] }, /train is \[\], expected a list of names such as VOC2012\/train/],
    [{ classes: [] }, /classes is \[\], expected a list of class names, each once, or null/],
    [{ classes: ['cat', 'cat'] }, /expected a list of class names, each once/],
    [{ initialHead: '../other' }, /initialHead is '\.\.\/other', expected letters/],
    [JSON.parse('{"__proto__": {"epochs": 1}, "constructor": 1}'), /unknown field '(__proto__|constructor)'/],
  ];
  for (const [changes, message] of cases) {
    assert.match(refusal(() => resolve(changes)) ?? 'taken', message, JSON.stringify(changes));
  }
  const both = refusal(() => resolve({ learningRate: -1, trainable: 'al' }));
  assert.match(both!, /trainable is 'al'.*; learningRate is -1/, 'all faults at once');
  for (const value of [null, [], 3, undefined]) {
    assert.match(refusal(() => resolveConfig(value as never)) ?? 'taken', /^config: /);
  }
});

test('a setting reaches no field that every object has, and a config is plain data', () => {
  for (const name of ['__proto__.epochs', 'constructor.prototype.epochs', 'model.toString']) {
    assert.match(refusal(() => applySettings(SCENES_RUN, [`${name}=1`]))!, /no field has this name/);
  }
  assert.equal(({} as { epochs?: number }).epochs, undefined);
  const program = { ...SCENES_RUN, epochs: () => 3 } as never;
  assert.match(refusal(() => applySettings(program, []))!, /expected plain data/);
});

const FIELDS = [
  ...Object.keys(resolve({})),
  'loss.kind',
  'loss.boxWeight',
  'model.head',
  'model.inputSize',
  'optimizer.kind',
  'schedule.rise',
  'views.crops',
  'augmentation.zoom',
  'epoch',
];
const VALUES = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.constantFrom(
    0,
    1,
    -1,
    0.5,
    1e9,
    Number.NaN,
    null,
    true,
    '',
    'all',
    'head',
    'sigmoid',
    'adam',
    [],
    [1],
    {},
  ),
);

test('2,000 random configurations end in words or resolve', () => {
  let resolved = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...FIELDS), VALUES), { minLength: 1, maxLength: 3 }),
      (changes) => {
        const config: Record<string, unknown> = structuredClone(SCENES_RUN) as never;
        for (const [path, value] of changes) {
          const [field, inner] = path.split('.');
          const above = config[field];
          if (inner && typeof above === 'object' && above !== null)
            (above as Record<string, unknown>)[inner] = value;
          else config[field] = value;
        }
        if (refusal(() => resolveConfig(config as never)) === undefined) resolved += 1;
      },
    ),
    { numRuns: 2000, seed: 17 },
  );
  assert.ok(resolved > 20, `${resolved} of 2,000 resolved`);
});
