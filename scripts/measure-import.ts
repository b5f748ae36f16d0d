// npx tsx scripts/measure-import.ts [PICTURES]: how long a large data set takes to import and to check, and the memory that
// takes. Generated pictures of VOC's size, 10 000 by default, in the layout of LabelImg; nothing is kept.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAnnotation } from '../src/yolo/data/annotationFile';
import { checkDevkit } from '../src/yolo/data/checkDevkit';
import { importData } from '../src/yolo/data/import/importData';
import { encodePicture } from '../src/yolo/data/picture/encodePicture';
import { generateScene } from '../src/yolo/data/scene/scene';

/** Different pictures; the others are copies, which takes as long to read. */
const DIFFERENT = 100;

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 10_000);
  const folder = await mkdtemp(join(tmpdir(), 'measure-import-'));
  try {
    const source = join(folder, 'source');
    await mkdir(source);
    for (let index = 0; index < Math.min(count, DIFFERENT); index++) {
      const { picture, annotation } = await generateScene(`measure/${index}`, { width: 500, height: 375 });
      const jpeg = await encodePicture(picture, 'jpeg');
      for (let copy = index; copy < count; copy += DIFFERENT) {
        const id = String(copy).padStart(6, '0');
        await writeFile(join(source, `${id}.jpg`), jpeg);
        await writeFile(join(source, `${id}.xml`), formatAnnotation({ ...annotation, id }, 'source'));
      }
    }
    await measure(`import of ${count} pictures`, () => importData(source, { to: join(folder, 'Year') }));
    await measure(`check of ${count} pictures`, async () => {
      const { findings } = await checkDevkit(join(folder, 'Year'));
      if (findings.length > 0) throw new Error(`${findings[0].file}: ${findings[0].problem}`);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Prints seconds by the clock, seconds of processor time, and the most memory that was resident. */
async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 200);
  const [start, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  clearInterval(watch);
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  console.log(
    `${what}: ${seconds(performance.now() - start)}, processor ${seconds((user + system) / 1000)}, at most ${Math.round(most / 2 ** 20)} MiB resident`,
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
