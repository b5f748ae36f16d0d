import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { UserError } from '../../core/errors';
import type { VocResult } from '../../eval/voc';
import type { RunRecord } from '../../record/runRecord';
import { writeRunRecord } from '../../run/workdir/writeRunRecord';
import { createProgram } from '../main';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-runs-'));
  // JSON keeps null for the NaN of a list without objects.
  const pooled = (map: number | null) => ({ map, classes: [] }) as unknown as VocResult;
  const data = (pictures: number, fingerprint: string) => ({ parts: ['VOC2007/val'], pictures, fingerprint });
  const write = async (name: string, map: number | null, changes: Partial<Omit<RunRecord, 'format'>>) =>
    writeRunRecord(folder, {
      record: {
        name,
        key: 'abcdef0123',
        profile: 'mini',
        config: { name, epochs: 2, model: { inputSize: 448, head: 'convolutional' }, clipNorm: null },
        data: { train: { ...data(1210, 't'), parts: ['VOC2007/train'] }, evaluate: data(861, 'e') },
        weights: { source: 'resnet18.safetensors', fingerprint: 'w' },
        code: '0.1.0',
        backend: { name: 'tensorflow', version: '2.21.0', device: 'cpu', cores: 2, note: '' },
        started: '2026-01-02T03:04:05.000Z',
        seconds: 879,
        ...changes,
      },
      metrics: [
        { kind: 'step', epoch: 1, step: 1, loss: 3 },
        { kind: 'epoch', epoch: 1, step: 1, loss: 3 },
        { kind: 'step', epoch: 2, step: 2, loss: 2 },
        { kind: 'epoch', epoch: 2, step: 2, loss: 2 },
      ],
      evaluation: {
        epochs: [],
        final: { pictures: 861, pooled: pooled(map), years: { VOC2007: pooled(map) } },
      },
    });
  await write('base', 0.25, {});
  await write('small', 0.125, {
    config: { name: 'small', epochs: 2, model: { inputSize: 224, head: 'convolutional' }, emaDecay: 0.9 },
    seconds: 3725,
  });
  await write('smoke', null, {
    profile: 'smoke',
    data: { train: data(8, 'other'), evaluate: data(4, 'other') },
    seconds: 7,
  });
});
after(() => rm(folder, { recursive: true }));

/** What the command prints, in this process; the test runner's own messages, which are no text, pass. */
async function runs(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const mocks = (['stdout', 'stderr'] as const).map((name) => {
    const write = process[name].write.bind(process[name]);
    return mock.method(process[name], 'write', (text: string | Uint8Array) => {
      if (typeof text !== 'string') return write(text);
      printed[name] += text;
      return true;
    });
  });
  try {
    await createProgram().parseAsync(['runs', '--results', folder, ...args], { from: 'user' });
  } finally {
    for (const { mock: mocked } of mocks) mocked.restore();
  }
  return printed;
}

test('runs are listed with profile, result, length and data', async () => {
  const { stdout, stderr } = await runs();
  assert.equal(stderr, '');
  assert.deepEqual(stdout.split('\n'), [
    'run    profile  backend     key       mAP@.5  epochs         time  trained on  evaluated on  lists',
    'base   mini     tensorflow  abcdef01  0.2500       2  14 min 39 s        1210           861  VOC2007/train',
    'small  mini     tensorflow  abcdef01  0.1250       2    1 h 2 min        1210           861  VOC2007/train',
    'smoke  smoke    tensorflow  abcdef01       -       2          7 s           8             4  VOC2007/val',
    '',
  ]);
});

test('two runs stand side by side: results, then only the fields that differ', async () => {
  const { stdout } = await runs('base', 'small');
  assert.deepEqual(stdout.split('\n'), [
    '                        base  small',
    'mAP@.5                  0.25  0.125',
    'mAP@.5 VOC2007          0.25  0.125',
    'loss of the last epoch     2      2',
    'seconds                  879   3725',
    'emaDecay                   -    0.9',
    'model.inputSize          448    224',
    '',
  ]);
});

test('a note says where results cannot be measured against each other', async () => {
  const { stdout } = await runs('base', 'smoke');
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.startsWith('Note: ')),
    [
      'Note: their profiles differ; results of different profiles are not comparable',
      'Note: they were evaluated on different data; their mAPs are not comparable',
      'Note: they were trained on different data',
    ],
  );
  assert.match(stdout, /The configurations are the same\./);
});

test('a damaged record is one line, the others are still listed', async () => {
  const broken: [string, string, string, RegExp][] = [
    ['empty', 'record.json', '', /x-empty: damaged run record \(Unexpected end of JSON input\)/],
    ['older', 'record.json', '{"format":0}', /x-older: damaged run record \(format 0, expected 1\)/],
    [
      'shape',
      'record.json',
      '{"format":1,"name":"x"}',
      /x-shape: damaged run record \('key' is missing in record.json\)/,
    ],
    ['none', 'metrics.jsonl', '', /x-none\/record\.json: cannot read run record \(ENOENT/],
  ];
  for (const [name, file, text] of broken) {
    await mkdir(join(folder, `x-${name}`));
    await writeFile(join(folder, `x-${name}`, file), text);
  }
  await mkdir(join(folder, 'being-written.4194305.tmp'));
  const { stdout, stderr } = await runs();
  assert.deepEqual(
    stdout.split('\n').map((line) => line.split(' ')[0]),
    ['run', 'base', 'small', 'smoke', ''],
  );
  const lines = stderr.split('\n').filter(Boolean);
  assert.equal(lines.length, broken.length, stderr);
  for (const [, , , message] of broken) assert.match(stderr, message);
  const { runs: listed, damaged } = JSON.parse((await runs('--json')).stdout);
  assert.deepEqual(
    listed.map(({ name, map }: { name: string; map: number | null }) => [name, map]),
    [
      ['base', 0.25],
      ['small', 0.125],
      ['smoke', null],
    ],
  );
  assert.equal(damaged.length, 4);
  for (const [name] of broken) await rm(join(folder, `x-${name}`), { recursive: true });
});

test('JSON of a comparison holds what the table shows', async () => {
  const compared = JSON.parse((await runs('--json', 'base', 'small')).stdout);
  assert.deepEqual(compared.runs, ['base', 'small']);
  assert.deepEqual(compared.config[1], { field: 'model.inputSize', values: [448, 224] });
});

test('one name, an unknown one and a folder that is not there are refused', async () => {
  const refused = (message: RegExp, ...args: string[]) =>
    assert.rejects(runs(...args), (error) => error instanceof UserError && message.test(error.message));
  await refused(/^runs: one name given; give two or more/, 'base');
  await refused(/no readable record 'smal' .*did you mean 'small'\?/, 'base', 'smal');
  await refused(/none: cannot read run records \(ENOENT/, '--results', join(folder, 'none'));
});
