import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertSurvived, survive, Tally } from './survival';
import { TinyRun } from './tinyRun';

/** A user who owns nothing here. */
const NOBODY = 65534;

let tiny: TinyRun;
before(async () => {
  tiny = await TinyRun.prepare();
});
after(() => tiny.dispose());

/** Lose and get back the right to write a run's files; what the superuser may do depends on no file's mode. */
async function allow(name: string, allowed: boolean): Promise<void> {
  if (process.getuid?.() === 0) {
    process.seteuid!(allowed ? 0 : NOBODY);
    return;
  }
  const { run, checkpoints } = tiny.place(name);
  for (const folder of [run, checkpoints])
    await chmod(folder, allowed ? 0o755 : 0o555).catch(() => undefined);
}

test('a run whose folder may no longer be written ends in words and goes on when it may', async (t) => {
  if (process.platform === 'win32') {
    t.skip('Windows keeps permissions otherwise');
    return;
  }
  await tiny.run('whole');
  const expected = await tiny.outcome('whole');
  const tally = new Tally('times the permission was lost');
  for (const at of [0, 1, 3, 6]) {
    const name = `lost-${at}`;
    await survive(tiny, name, expected, tally, {
      name,
      async session() {
        const lose = ({ step }: { step: number }) => (step === at ? void allow(name, false) : undefined);
        try {
          await tiny.run(name, { onBegin: (step) => lose({ step }), onStep: lose });
        } finally {
          await allow(name, true);
        }
      },
    });
  }
  process.stdout.write(`${tally}\n`);
  assertSurvived(tally);
  assert.equal(tally.unnoticed, 0);
});
