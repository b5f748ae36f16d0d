import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, type Failure, FaultyFiles } from './faultyFiles';
import { survive, Tally } from './survival';
import { TinyRun } from './tinyRun';

/** Places in a run at which the disk becomes full. */
const POINTS = 20;
/** Unit in which a file system in memory gives its space away, in bytes. */
const PAGE = 4096;
/** What takes up space. */
const TAKES_SPACE = [
  'mkdir',
  'open',
  'link',
  'rename',
  'writeFile',
  'appendFile',
  'file.write',
  'file.appendFile',
];

/**
 * Let the disk become full at places all over a run and stay so until the run has ended, free it, and go on.
 *
 * @param parent - Folder to run in.
 * @param isReal - Whether that is a small file system of its own, which is then filled; otherwise the calls that take
 * space fail as those of a full one do, the first after half of its bytes.
 */
export async function runOnFullDisk(parent: string, isReal: boolean): Promise<Tally> {
  const tiny = await TinyRun.prepare(parent);
  await tiny.run('whole');
  const expected = await tiny.outcome('whole');
  const faulty = await FaultyFiles.install();
  const tally = new Tally(`times the disk was full (${isReal ? 'a real file system' : 'simulated'})`);
  try {
    const takes = ({ name }: Call) => TAKES_SPACE.includes(name);
    faulty.watch(tiny.place('noted').root);
    await tiny.run('noted');
    faulty.rest();
    const places = faulty.calls.flatMap((call, index) => {
      const before = faulty.calls[index - 1];
      const repeats = before?.name === call.name && before.path === call.path;
      return takes(call) && !repeats ? [index] : [];
    });
    await tiny.remove('noted');
    const ballast = join(parent, 'ballast');
    for (let point = 0; point < POINTS; point++) {
      const at = places[Math.floor(((point + 0.5) * places.length) / POINTS)];
      const becomesFull = (call: Call, index: number): Failure | undefined => {
        if (isReal) {
          if (index === at) fill(parent, ballast, (point % 2) * PAGE);
          return undefined;
        }
        if (index < at || !takes(call)) return undefined;
        return index === at ? 'short' : 'ENOSPC';
      };
      const name = `full-${point}`;
      await survive(tiny, name, expected, tally, {
        name: `call ${at}`,
        async session() {
          faulty.watch(tiny.place(name).root, becomesFull);
          try {
            await tiny.run(name);
          } finally {
            faulty.rest();
            rmSync(ballast, { force: true });
          }
        },
      });
      await tiny.remove(name);
    }
  } finally {
    faulty.uninstall();
    await tiny.dispose();
  }
  return tally;
}

/** Take all of a file system but some bytes. */
function fill(folder: string, ballast: string, left: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
}
