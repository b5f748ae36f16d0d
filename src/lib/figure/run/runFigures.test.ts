import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { ExperimentResult } from 'yolov1';
import { readRunRecord } from 'yolov1/record';
import { confidenceFigure, confidenceMapsFigure } from './confidenceFigure';
import { classCurvesFigure, curvesFigure, errorsFigure } from './detectorFigures';
import { partsFigure } from './partsFigure';
import { bothRules, evaluationRules } from './rules';
import { epochFigure, mapFigure, rowsByRule, updateFigure } from './runFigures';
import { compareWithOriginal, originalConfig } from './setups';

const texts = { label: 'runs', caption: 'Two runs.', alt: 'A chart.' };
const RUNS = join(__dirname, '..', '..', '..', '..', 'report', 'runs');
let squared: ExperimentResult[];
let scratch: ExperimentResult;
let tuned: ExperimentResult;

before(async () => {
  const read = (name: string) => readRunRecord(join(RUNS, name));
  squared = [await read('02-squared-0-mini'), await read('02-squared-1-mini')];
  scratch = await read('01-scratch-mini');
  tuned = await read('04-right-mini');
});

test('mAP of runs has a dot for each seed; scale, pictures and runs are told by the runs themselves', async () => {
  const { data, caption, runs } = await mapFigure([{ name: 'squared', runs: squared }], texts);
  assert.equal(data[0].runs, 2);
  assert.equal(data[0].least, Math.min(...squared.map((run) => run.evaluation.final.pooled.map)));
  assert.equal(caption, 'Two runs (profile mini, n = 861 pictures, up to 2 seeds).');
  assert.deepEqual(runs, ['02-squared-0-mini', '02-squared-1-mini']);
  await assert.rejects(mapFigure([], texts), /figure 'runs': got no run/);
});

test('over epochs and updates seeds are a mean with its range', async () => {
  const byEpoch = await epochFigure({ squared }, texts, { from: 1 });
  assert.deepEqual(
    byEpoch.data.map(({ epoch }) => epoch),
    [1, 2, 3, 4, 5],
  );
  const byUpdate = await updateFigure({ squared }, 'outputGradient.noObject', texts, { logarithmic: true });
  assert.equal(byUpdate.data[0]['update (16 pictures each)'], 1);
  assert.equal(byUpdate.data.length, 75);
  assert.ok(Number(byUpdate.data[0]['squared, least']) <= Number(byUpdate.data[0].squared));
});

test('parts, confidences, curves and errors are those of the record', async () => {
  const parts = await partsFigure(scratch, ['centre', 'noObject'], texts);
  assert.deepEqual(Object.keys(parts.data[0]), ['update', 'centre', 'noObject']);
  const confidence = await confidenceFigure(scratch, texts);
  assert.equal(confidence.data[0].empty, 1);
  assert.ok(
    confidence.data.every((row) => Number(row["confidence (the original's cut: a score above .4)"]) <= 0.4),
  );
  const maps = await confidenceMapsFigure(scratch, texts);
  assert.equal(new Set(maps.data.map(({ map }) => map)).size, 4);
  assert.equal(maps.data[0].confidence, scratch.evaluation.epochs.at(-1)?.meanMap?.[0][0]);
  const unsurveyed = { ...scratch, evaluation: { ...scratch.evaluation, epochs: [] } };
  for (const figure of [confidenceFigure, confidenceMapsFigure]) {
    await assert.rejects(figure(unsurveyed, texts), /its record holds no confidences/);
  }
  const both = { scratch, tuned };
  assert.equal((await curvesFigure(both, texts)).data[0].recall, 0);
  assert.equal(Object.keys((await classCurvesFigure(both, texts)).data[0])[0], 'class');
  const { data } = await errorsFigure(both, texts);
  for (const { bar, ...shares } of data) {
    const sum = Object.values(shares).reduce<number>((total, share) => total + Number(share), 0);
    assert.ok(Math.abs(sum - 100) < 1e-6, String(bar));
  }
  const { curves: _, ...final } = tuned.evaluation.final;
  await assert.rejects(
    curvesFigure({ tuned: { ...tuned, evaluation: { ...tuned.evaluation, final } } }, texts),
    /04-right-mini: its record holds no precision/,
  );
});

test('a run is laid beside the experiment of the original: what was done, and by which rules', () => {
  const printed: string[] = [];
  const { log } = console;
  console.log = (text: string) => printed.push(text);
  try {
    compareWithOriginal(1, { ours: scratch, missing: undefined });
  } finally {
    console.log = log;
  }
  assert.match(printed[0], /\| updates \| 35,700 .* \| 225 \(3 epochs, 16 pictures each\) \|/);
  assert.match(printed[1], /\[Table \(rules-1\)\]\(#rules-1\)/);
  assert.doesNotMatch(printed.join(), /missing/);
  assert.deepEqual(Object.keys(evaluationRules({ scratch })[0]).length, 8);
});

test('the same predictions make a row by each rule', async () => {
  const rows = rowsByRule({ name: 'squared', kind: 'repeated', runs: squared });
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['repeated, VOC rules', "repeated, original's rules"],
  );
  assert.equal(rowsByRule({ name: 'squared', runs: squared })[0].kind, 'VOC rules');
  const { caption } = await mapFigure(rows, texts);
  assert.match(caption, /up to 2 seeds/);
  assert.deepEqual(
    rows.map(({ rule }) => rule),
    ['voc', 'all'],
  );
});

test('a row can hold the mAP of the same predictions by both rules', () => {
  const row = bothRules(squared);
  assert.deepEqual(Object.keys(row), ['mAP@.5', "original's rules"]);
  assert.deepEqual(
    row["original's rules"].values,
    squared.map(({ evaluation }) => evaluation.final.writeUp?.all),
  );
  assert.match(row['mAP@.5'].markdown, /n = 2$/);
});

test('the original at its own scale is a configuration that can be run', () => {
  assert.equal(originalConfig(4).learningRate, 1e-5);
  assert.equal(originalConfig(3).trainable, undefined);
  assert.deepEqual(originalConfig(2).model.backbone, 'baseline');
});
