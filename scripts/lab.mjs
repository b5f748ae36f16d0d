// npm run lab: opens notebooks/ in JupyterLab with the TypeScript kernel. JupyterLab is installed once, in the
// project's cache folder, and touches no other Python. Arguments are handed to `jupyter lab`.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failed, main, prepare, root, run } from './prepare.mjs';
import { unchangedNotebooks } from './unchangedNotebooks.mjs';

/** Version that the browser test drives. It needs Python 3.9. */
const JUPYTERLAB = '4.5.11';
const DOWNLOAD_MB = 41;
const DISK_MB = 235;

/** Prints the version of a Python 3.9 or newer that can make virtual environments. */
const PROBE =
  'import sys, venv, ensurepip; assert sys.version_info >= (3, 9); print("%d.%d" % sys.version_info[:2])';

await main(async () => {
  if (
    !['node_modules/tslab', 'src/yolo/dist', 'src/lib/dist'].every((path) => existsSync(join(root, path)))
  ) {
    await prepare();
  }
  const cache = join(cacheFolder(), 'lab');
  const python = await installJupyter(cache);
  const environment = { ...process.env, JUPYTER_DATA_DIR: registerKernel(cache) };
  trustNotebooks(python, environment);
  process.exitCode = await openLab(python, environment);
});

/** The same rule as in src/yolo/core/environment.ts. */
function cacheFolder() {
  const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return resolve(process.env.YOLOV1_CACHE || join(cacheHome, 'yolov1'));
}

/** Makes the virtual environment unless it is there. Returns its Python. */
async function installJupyter(cache) {
  const found = findPython();
  const folder = join(cache, `jupyterlab-${JUPYTERLAB}-python-${found.version}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  // Written last: a folder without it is from a set-up that was cut short.
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;
  console.log(
    `Installing JupyterLab ${JUPYTERLAB}: ${DOWNLOAD_MB} MB to download, ${DISK_MB} MB in ${folder}`,
  );
  rmSync(folder, { recursive: true, force: true });
  await run(found.program, ['-m', 'venv', folder]);
  const quiet = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
  await run(python, ['-m', 'pip', 'install', ...quiet, `jupyterlab==${JUPYTERLAB}`]);
  // Without this, JupyterLab asks at the first start whether it may fetch news.
  const settings = join(folder, 'etc', 'jupyter', 'labconfig');
  mkdirSync(settings, { recursive: true });
  const disabledExtensions = { '@jupyterlab/apputils-extension:announcements': true };
  writeFileSync(join(settings, 'page_config.json'), JSON.stringify({ disabledExtensions }));
  // One kernel to choose from is enough.
  rmSync(join(folder, 'share', 'jupyter', 'kernels', 'python3'), { recursive: true, force: true });
  writeFileSync(complete, '');
  return python;
}

function findPython() {
  for (const program of ['python3', 'python']) {
    const { status, stdout } = spawnSync(program, ['-c', PROBE], { encoding: 'utf8' });
    if (status === 0) return { program, version: stdout.trim() };
  }
  console.error(
    'npm run lab needs Python 3.9 or newer with its venv module, which was not found: install it (on Debian and Ubuntu: python3 and python3-venv), or open notebooks/ in VS Code',
  );
  throw new Failed(1);
}

/**
 * Writes the kernel's description to a folder that belongs to this clone alone, since it holds absolute paths.
 * Returns that folder, Jupyter's data folder.
 */
function registerKernel(cache) {
  const clone = createHash('sha256').update(root).digest('hex').slice(0, 8);
  const data = join(cache, `data-${clone}`);
  const kernel = join(data, 'kernels', 'tslab');
  mkdirSync(kernel, { recursive: true });
  const description = {
    argv: [process.execPath, join(root, 'src', 'lib', 'kernel', 'tslab.cjs'), '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
  };
  writeFileSync(join(kernel, 'kernel.json'), JSON.stringify(description, undefined, 2));
  return data;
}

/**
 * Lets JupyterLab show the stored outputs of the project's own notebooks, which it hides in part where this user has not
 * executed them in it. Outputs can hold script: what is not committed, or was changed since, is left as it is. Takes a
 * second, meanwhile JupyterLab starts.
 */
function trustNotebooks(python, environment) {
  const notebooks = unchangedNotebooks(root);
  if (notebooks.length === 0) return;
  const trust = ['-m', 'jupyter', 'trust', ...notebooks];
  spawn(python, trust, { cwd: root, env: environment, stdio: 'ignore' }).on('error', () => {});
}

/** Runs JupyterLab until it is closed. Ctrl-C reaches it from the terminal, and it asks before it ends. */
function openLab(python, environment) {
  const given = process.argv.slice(2);
  // JupyterLab refuses an option that is given twice: what its user says stands instead of ours.
  const ours = [`--ServerApp.root_dir=${root}`, '--LabApp.default_url=/lab/tree/notebooks'].filter(
    (option) => !given.some((other) => other.split('=', 1)[0] === option.split('=', 1)[0]),
  );
  const lab = spawn(python, ['-m', 'jupyterlab', ...ours, ...given], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => lab.kill('SIGTERM'));
  return new Promise((done, fail) => {
    lab.once('error', fail);
    lab.once('exit', (code) => done(code ?? 1));
  });
}
