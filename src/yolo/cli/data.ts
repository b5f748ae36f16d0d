import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { checkDevkit, type DevkitReport } from '../data/checkDevkit';
import { VOC_SETS } from '../fetch/catalogue';
import { dataDestination } from '../fetch/destination';
import { fetchVoc } from '../fetch/fetchVoc';
import { addDataImportCommand } from './dataImport';
import { addDataPreviewCommand } from './dataPreview';
import { interruptible } from './interruptible';
import { transferProgress } from './transferProgress';

/**
 * Adds `yolov1 data`: `import` brings a data set of any tool into the layout of a year; `check` reads a year as a training
 * would, and says what is wrong; `preview` draws what a training will see; `fetch` brings VOC.
 */
export function addDataCommand(program: Command): void {
  const data = program.command('data').description('data sets');
  data
    .command('check')
    .description("every annotation and picture of one year's folder; exit status 1 if anything is wrong")
    .argument('<year-folder>', "one year's folder, such as data/VOCdevkit/VOC2012")
    .option(
      '--classes <names>',
      "class names, separated by commas (default: the folder's class lists, else VOC's 20)",
    )
    .option('--json', 'the same as JSON')
    .action(async (folder: string, { classes, json }: { classes?: string; json?: boolean }) => {
      const report = await checkDevkit(folder, classes ? { classes: classes.split(',') } : {});
      data
        .configureOutput()
        .writeOut?.(json ? `${JSON.stringify(report, null, 2)}\n` : describeDevkit(report));
      if (report.findings.length > 0) process.exitCode = 1;
    });
  addDataImportCommand(data);
  addDataPreviewCommand(data);
  data
    .command('fetch')
    .description('download, verify and unpack one year of VOC; resumes, and overwrites nothing')
    .addArgument(new Argument('<set>', 'which year').choices(Object.keys(VOC_SETS)))
    .option('--to <folder>', 'folder that holds the years (default: where data is looked for)')
    .option('--url <address>', "a mirror's folder that holds the archives under their own names")
    .action(async (set: keyof typeof VOC_SETS, { to, url }: { to?: string; url?: string }) => {
      const devkit = resolve(to ?? dataDestination());
      await interruptible(async (signal) => {
        const progress = transferProgress();
        const options = { to: devkit, signal, progress, ...(url === undefined ? {} : { url }) };
        const { folder, fetched } = await fetchVoc(VOC_SETS[set], options);
        const found = dataDestination() === devkit;
        data
          .configureOutput()
          .writeOut?.(
            `${folder} is ${fetched.length > 0 ? `complete, fetched: ${fetched.join(', ')}` : 'complete already, nothing to do'}\n` +
              (found ? '' : `To use it: set YOLOV1_DATA=${devkit}\n`),
          );
      });
    });
}

/** A report as text: what is there, then a table of what is wrong. */
export function describeDevkit({ folder, lists, pictures, objects, findings }: DevkitReport): string {
  const counts = Object.entries(lists).map(([name, count]) => `${name} ${count}`);
  const total = Object.values(objects).reduce((sum, count) => sum + count, 0);
  const head = `${folder}: ${pictures} pictures, ${total} objects; lists: ${counts.join(', ') || 'none'}\n`;
  if (findings.length === 0) return `${head}Nothing is wrong.\n`;
  const rows = [
    ['file', 'lists', 'what is wrong'],
    ...findings.map(({ file, lists, problem }) => [file, lists.join(' '), problem]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const table = rows.map(
    ([file, list, problem]) => `${file.padEnd(widths[0])}  ${list.padEnd(widths[1])}  ${problem}`,
  );
  return `${head}\n${table.join('\n')}\n\n${findings.length === 1 ? '1 thing is' : `${findings.length} things are`} wrong.\n`;
}
