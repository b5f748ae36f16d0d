// CONTRIBUTING.md's map of the house is the truth: folders use those before them only, and nothing goes in a circle.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const ROOT = join(__dirname, '..');
const MAP = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** A module and its imports: paths within its package, or the names of other packages. */
interface Module {
  readonly path: string;
  readonly imports: readonly string[];
  /** Those that are left once types are gone. */
  readonly loads: readonly string[];
}

/** Code within a folder by its path from there: no tests and fixtures, which may use what they like. */
function codeOf(home: string): string[] {
  return readdirSync(join(ROOT, home), { recursive: true })
    .map((file) => String(file).split(sep).join('/'))
    .filter(
      (file) =>
        /\.m?[jt]s$/.test(file) && !/(^|\/)(dist|node_modules|fixtures|faults)\/|\.test\.m?[jt]s$/.test(file),
    );
}

/** Everything that is built of a package. */
function modulesOf(home: string): Module[] {
  const folder = join(ROOT, home);
  return codeOf(home)
    .filter((file) => file.endsWith('.ts'))
    .map((path) => {
      const code = readFileSync(join(folder, path), 'utf8');
      const importsOf = (text: string) =>
        ts
          .preProcessFile(text, true, true)
          .importedFiles.map(({ fileName }) =>
            fileName.startsWith('.')
              ? relative(folder, fileOf(resolve(folder, dirname(path), fileName)))
              : fileName,
          );
      return {
        path,
        imports: importsOf(code),
        loads: importsOf(code.replace(/^(im|ex)port type [^;]*;/gm, '')),
      };
    });
}

/** The file that an import without its ending means. */
function fileOf(path: string): string {
  const file = [`${path}.ts`, path.replace(/\.js$/, '.ts'), join(path, 'index.ts'), path].find((candidate) =>
    statSync(candidate, { throwIfNoEntry: false })?.isFile(),
  );
  assert.ok(file, `${path}: no such module`);
  return file;
}

/** The folders in the order in which the map names them after a heading, `core < tensor < ...`. */
function orderAfter(heading: string): string[] {
  const at = MAP.indexOf(heading);
  assert.ok(at >= 0, `CONTRIBUTING.md has no '${heading}'`);
  const [chain] = /\w+( < \w+)+/.exec(MAP.slice(at))!;
  return chain.split(' < ');
}

for (const [home, heading] of [
  ['src/yolo', 'src/yolo, each folder uses'],
  ['src/yolo/model', 'model     the networks'],
  ['src/yolo/run', 'run       one training'],
  ['src/yolo/cli', 'cli       the commands'],
  ['src/lib', 'src/lib, each folder uses'],
  ['src/lib/report', 'report    the page'],
]) {
  const order = orderAfter(heading);
  const modules = modulesOf(home);
  const roomOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined);

  test(`${home}: every folder stands in the map and uses those before it only`, () => {
    const wrong: string[] = [];
    for (const { path, imports } of modules) {
      const room = roomOf(path);
      if (room === undefined || room === 'bench') continue;
      const place = order.indexOf(room);
      if (place < 0) wrong.push(`${home}/${room}: is not in the map of CONTRIBUTING.md`);
      for (const imported of imports) {
        // Files of the house itself stand above its rooms, except for the errors that all of src/lib share.
        const above = roomOf(imported) === undefined && imported.endsWith('.ts') && imported !== 'errors.ts';
        if (above || order.indexOf(roomOf(imported) ?? '') > place) {
          wrong.push(`${home}/${path} imports ${imported}`);
        }
      }
    }
    assert.deepEqual([...new Set(wrong)], []);
  });

  test(`${home}: no import goes in a circle`, () => {
    const loadsOf = new Map(modules.map(({ path, loads }) => [path, loads]));
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      assert.ok(!way.includes(path), `${[...way.slice(way.indexOf(path)), path].join(' -> ')}`);
      if (done.has(path)) return;
      for (const loaded of loadsOf.get(path) ?? []) visit(loaded, [...way, path]);
      done.add(path);
    };
    for (const { path } of modules) visit(path, []);
  });
}

test('only src/lib/figure computes with the detector; the rest of the page reads its records', () => {
  const wrong = modulesOf('src/lib').flatMap(({ path, imports }) =>
    path.startsWith('figure/')
      ? []
      : imports
          .filter((name) => /^yolov1(\/|$)/.test(name) && !/^yolov1\/(record|form)$/.test(name))
          .map((name) => `src/lib/${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test('src/yolo does not know src/lib', () => {
  const wrong = modulesOf('src/yolo').filter(({ imports }) =>
    imports.some((name) => /yolov1-lib|^\.\.\/lib\//.test(name)),
  );
  assert.deepEqual(wrong, []);
});

test('no folder has more than 20 files and no file more than 250 lines', () => {
  const files = ['src', 'scripts'].flatMap((home) => codeOf(home).map((file) => `${home}/${file}`));
  const inFolder = new Map<string, number>();
  for (const file of files) inFolder.set(dirname(file), (inFolder.get(dirname(file)) ?? 0) + 1);
  const linesOf = (file: string) => readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length;
  assert.deepEqual(
    [...inFolder].filter(([, count]) => count > 20).map(([folder, count]) => `${folder}: ${count} files`),
    [],
  );
  const long = files.map((file) => ({ file, lines: linesOf(file) })).filter(({ lines }) => lines > 250);
  assert.deepEqual(long, []);
});
