import { spawnSync } from 'node:child_process';

/**
 * Notebooks of a project that are as they were committed, by their paths from its folder, as git tells. None where there
 * is no git, as in an unpacked archive: then nothing vouches for them.
 */
export function unchangedNotebooks(folder) {
  const committed = git(folder, 'ls-tree', '-z', '-r', '--name-only', 'HEAD', 'notebooks/');
  const changed = git(
    folder,
    'diff',
    '-z',
    '--name-only',
    '--no-renames',
    '--relative',
    'HEAD',
    '--',
    'notebooks/',
  );
  return committed && changed
    ? committed.filter((path) => path.endsWith('.ipynb') && !changed.includes(path))
    : [];
}

/** What a git command lists; undefined where it fails. */
function git(cwd, ...args) {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.split('\0').filter(Boolean) : undefined;
}
