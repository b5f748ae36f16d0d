import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOnFullDisk } from './fullDisk';
import { assertSurvived } from './survival';

/** Exit status of the script where no file system could be mounted. */
const NO_MOUNT = 77;
/** A namespace of one's own needs no privilege on most Linux systems, and what is mounted in it ends with it. */
const SCRIPT = `mount -t tmpfs -o size=16m tmpfs "$1" || exit ${NO_MOUNT}; shift; exec "$@"`;

test('a disk that becomes full at any place of a run costs nothing but the time until there is space', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
  try {
    const program = [process.execPath, '--import', 'tsx', join(__dirname, 'fullDiskProcess.ts'), folder];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--map-root-user', '--mount', 'sh', '-c', SCRIPT, 'sh', folder, ...program],
      { cwd: __dirname, encoding: 'utf8' },
    );
    // Where the program or the right to do this is missing, neither has said a word on stdout.
    if (stdout) {
      process.stdout.write(stdout);
      assert.equal(status, 0, stderr);
    } else {
      assert.ok(status === null || status === 1 || status === NO_MOUNT, stderr);
      const tally = await runOnFullDisk(folder, false);
      process.stdout.write(`${tally}\n`);
      assertSurvived(tally);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
