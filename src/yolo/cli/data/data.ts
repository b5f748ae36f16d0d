import { basename, dirname, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { counted } from '../../core/counted';
import { textTable } from '../../core/textTable';
import { checkDevkit, type DevkitReport } from '../../data/checkDevkit';
import { VOC_SETS } from '../../fetch/catalogue';
import { dataDestination } from '../../fetch/destination';
import { fetchVoc } from '../../fetch/fetchVoc';
import { interruptible } from '../terminal/interruptible';
import { printable } from '../terminal/printable';
import { transferProgress } from '../terminal/transferProgress';
import { classesOption } from './classesOption';
import { addDataImportCommand } from './dataImport';
import { addDataPreviewCommand } from './dataPreview';

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
    .addOption(
      classesOption("class names, separated by commas (default: the folder's class lists, else VOC's 20)"),
    )
    .option('--json', 'the same as JSON')
    .action(async (folder: string, { json, ...options }: { classes?: string[]; json?: boolean }) => {
      const report = await checkDevkit(folder, options);
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

/** Findings and notes that are printed; `--json` has all. */
const PRINTED = 40;

/** A report as text: what is there, a table of what is wrong, what is worth knowing, and what to do next. */
export function describeDevkit(report: DevkitReport): string {
  const { folder, lists, pictures, objects, findings, remarks } = report;
  const counts = Object.entries(lists).map(([name, count]) => `${name} ${count}`);
  const total = Object.values(objects).reduce((sum, count) => sum + count, 0);
  const there = `${counted(pictures, 'picture')}, ${counted(total, 'object')}`;
  const lines = [`${folder}: ${there}; lists: ${counts.join(', ') || 'none'}`];
  if (findings.length > 0) {
    const rows = findings
      .slice(0, PRINTED)
      .map(({ file, lists, problem }) => [file, lists.join(' '), problem]);
    lines.push(
      '',
      ...textTable([['file', 'lists', 'what is wrong'], ...rows], 3),
      ...more(findings.length),
      '',
    );
  }
  lines.push(...remarks.slice(0, PRINTED).map((remark) => `Note: ${remark}.`), ...more(remarks.length));
  const wrong = findings.length > 0 ? counted(findings.length, 'thing is', 'things are') : 'Nothing is';
  lines.push(`${wrong} wrong.`, `Next: ${nextStep(report)}`);
  return `${lines.map(printable).join('\n')}\n`;
}

function more(count: number): string[] {
  return count > PRINTED ? [`and ${count - PRINTED} more; --json has all`] : [];
}

function nextStep({ folder, lists, objects, findings }: DevkitReport): string {
  if (findings.length > 0) {
    return `mend them, or yolov1 data import ${folder} --to ${folder}-mended --fix, which mends what it can and leaves out the rest`;
  }
  if (Object.values(objects).every((count) => count === 0)) {
    return 'annotate objects: no picture has one, so there is nothing to learn';
  }
  const [year, names] = [basename(folder), Object.keys(lists)];
  const train = names.find((name) => name === 'train') ?? names[0];
  const evaluate = names.find((name) => name !== train && /^(?:val|test)/.test(name));
  if (evaluate === undefined) {
    return `there is no list to evaluate on; yolov1 data import ${folder} --to ${folder}-divided draws one`;
  }
  return `yolov1 train CONFIG --data ${dirname(folder)}, with train: ['${year}/${train}'] and evaluate: ['${year}/${evaluate}']`;
}
