import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { findDevkits } from '../data/findDevkits';
import { dataDestination, weightsDestination } from './destination';

let project: string;
const from = process.cwd();
before(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'destination-')));
  await mkdir(join(project, 'notebooks', 'deeper'), { recursive: true });
});
after(async () => {
  process.chdir(from);
  await rm(project, { recursive: true });
});

/** The environment of a working directory in which no variable is set. */
const unset = () => ({ dataFolder: resolve('data/VOCdevkit'), weightsFolder: resolve('data/weights') });

test('a folder that the environment names is taken as it is', () => {
  assert.equal(dataDestination({ dataFolder: '/my/data' }), '/my/data');
  assert.equal(weightsDestination({ weightsFolder: '/my/weights' }), '/my/weights');
});

test('a notebook fetches into its project, where the finder will look', async () => {
  process.chdir(join(project, 'notebooks', 'deeper'));
  // A folder that is no project of ours gets its own.
  assert.equal(dataDestination(unset()), join(project, 'notebooks', 'deeper', 'data', 'VOCdevkit'));

  await mkdir(join(project, 'data'));
  await writeFile(join(project, 'data', 'README.md'), '');
  assert.equal(dataDestination(unset()), join(project, 'data', 'VOCdevkit'));
  assert.equal(weightsDestination(unset()), join(project, 'data', 'weights'));

  await mkdir(join(project, 'data', 'VOCdevkit'));
  assert.equal(dataDestination(unset()), join(project, 'data', 'VOCdevkit'));
  assert.equal(findDevkits(unset()).dataFolder, dataDestination(unset()));

  // The nearest one wins, for the finder too.
  await mkdir(join(project, 'notebooks', 'data', 'VOCdevkit'), { recursive: true });
  assert.equal(dataDestination(unset()), join(project, 'notebooks', 'data', 'VOCdevkit'));
  assert.equal(findDevkits(unset()).dataFolder, dataDestination(unset()));
  process.chdir(from);
});
