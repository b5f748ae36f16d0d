import { dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { counted } from '../../core/counted';
import { type ImportOptions, type ImportReport, importData } from '../../data/import/importData';
import { type Mend, mendInWords } from '../../data/import/mend';
import { SOURCE_KINDS } from '../../data/import/recognise';
import { printable } from '../terminal/printable';
import { classesOption } from './classesOption';

interface ImportFlags extends ImportOptions {
  json?: boolean;
}

/** Files that are named of each kind; `--json` names all. */
const NAMED = 3;
const PROBLEMS = 20;

/** Adds `yolov1 data import SOURCE --to FOLDER`: a data set of any tool in the layout of a devkit's year. */
export function addDataImportCommand(data: Command): void {
  data
    .command('import')
    .description(
      'bring Pascal VOC files, COCO JSON or YOLO labels into the layout of one year; the source is not touched',
    )
    .argument('<source>', 'folder of the data set, as a tool or a site wrote it')
    .requiredOption('--to <folder>', 'folder that becomes the year, such as data/MyYear; must not be there')
    .addOption(
      new Option('--from <kind>', 'what the source holds (default: looked for)').choices(SOURCE_KINDS),
    )
    .addOption(
      classesOption('class names in their order, separated by commas (default: those that have objects)'),
    )
    .option('--fix', 'mend what can be mended, leave out what needs a person')
    .addOption(
      new Option(
        '--exif <view>',
        'how pictures with an EXIF orientation were annotated: turned, as viewers show them, or as stored',
      ).choices(['turned', 'stored']),
    )
    .option(
      '--val <share>',
      'share of the pictures that goes to val where the source has no lists (default: 0.2)',
      parseShare,
    )
    .option('--seed <number>', 'seed of that choice (default: 0)', parseSeed)
    .option('--json', 'the report as JSON')
    .action(async (source: string, { json, ...options }: ImportFlags) => {
      const report = await importData(source, options);
      data
        .configureOutput()
        .writeOut?.(json ? `${JSON.stringify(report, null, 2)}\n` : describeImport(report, options.to));
      if (report.folder === undefined || report.problems.length > 0) process.exitCode = 1;
    });
}

function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a share above 0 and below 1, such as 0.2.');
}

function parseSeed(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number.');
}

/** A report as text: what was recognised, what was mended, what needs a person, and what to do next. */
function describeImport(report: ImportReport, to: string): string {
  const { recognised, lists, drawn, objects, empty, mended, problems, remarks, folder, placed } = report;
  const listed = Object.entries(lists).map(([name, count]) => `${name} ${count}`);
  const found = Object.entries(objects).map(([name, count]) => `${name} ${count}`);
  const kinds = Object.entries(mended) as [Mend, readonly string[]][];
  const lines = [
    recognised,
    `Lists: ${listed.join(', ')}${drawn ? ' (drawn here: the source has none that divide it)' : ''}`,
    `Objects: ${found.join(', ') || 'none'}${empty > 0 ? `; ${counted(empty, 'picture')} without any` : ''}`,
    ...remarks.slice(0, PROBLEMS).map((remark) => `Note: ${remark}`),
    ...more(remarks.length - PROBLEMS, 'note'),
  ];
  if (kinds.length > 0) {
    lines.push('', folder === undefined ? 'What --fix would mend:' : 'Mended:');
    for (const [kind, files] of kinds) lines.push(`  ${mendInWords(kind, files.length)}: ${named(files)}`);
  }
  if (problems.length > 0) {
    lines.push('', folder === undefined ? 'What needs a person:' : 'What needs a person, left out:');
    for (const { file, problem } of problems.slice(0, PROBLEMS)) lines.push(`  ${file}: ${problem}`);
    lines.push(...more(problems.length - PROBLEMS, 'problem'));
  }
  lines.push('');
  if (folder === undefined) {
    const left = problems.length > 0 ? ', leaving out what needs a person' : '';
    lines.push(`Nothing was written. Next: the same with --fix${left}, or mend the source.`);
  } else {
    const others = Object.entries({ copied: placed.copied, 'written anew': placed.rewritten })
      .filter(([, count]) => count > 0)
      .map(([how, count]) => `, ${count} ${how}`);
    lines.push(
      `${folder} is complete: ${counted(placed.linked, 'picture')} linked${others.join('')}.`,
      `Next: yolov1 data check ${to}; then train with --data ${dirname(to)}.`,
    );
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function named(files: readonly string[]): string {
  const different = [...new Set(files)];
  const others = different.length - NAMED;
  return `${different.slice(0, NAMED).join(', ')}${others > 0 ? ` and ${counted(others, 'more file')}` : ''}`;
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`  and ${counted(count, `more ${what}`)}; --json has all`] : [];
}
