import { counted } from 'yolov1/form';
import { durationInWords, type ExperimentResult } from 'yolov1/record';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { bothMaps } from '../extras/allRunsFigure';
import { runPanel } from '../provenance/runPanel';
import { nameOf } from '../read/runs';
import type { Page } from '../text/page';

/** A column: its title, what is shown of a run, and by what it is sorted where that is something else. */
interface Column {
  title: string;
  shown: (run: ExperimentResult) => string;
  sorted?: (run: ExperimentResult) => number;
}

/** Fields of a configuration that the table tells. */
interface Told {
  epochs?: number;
  batchSize?: number;
  loss?: { kind?: string };
  model?: { backbone?: string; inputSize?: number };
  trainable?: string;
}

const told = ({ record }: ExperimentResult) => record.config as Told;
const number = (value: number | undefined, digits: number) =>
  value === undefined ? '–' : value.toFixed(digits);

const COLUMNS: readonly Column[] = [
  {
    title: 'mAP@.5',
    shown: (run) => number(run.evaluation.final.pooled.map, 4),
    sorted: (run) => run.evaluation.final.pooled.map,
  },
  {
    title: 'original’s',
    shown: (run) => number(bothMaps(run)?.original, 4),
    sorted: (run) => bothMaps(run)?.original ?? -1,
  },
  { title: 'Loss', shown: (run) => told(run).loss?.kind ?? '–' },
  { title: 'Backbone', shown: (run) => told(run).model?.backbone ?? '–' },
  { title: 'Trained', shown: (run) => told(run).trainable ?? '–' },
  {
    title: 'Input',
    shown: (run) => number(told(run).model?.inputSize, 0),
    sorted: (run) => told(run).model?.inputSize ?? 0,
  },
  { title: 'Epochs', shown: (run) => number(told(run).epochs, 0), sorted: (run) => told(run).epochs ?? 0 },
  {
    title: 'Pictures',
    shown: ({ record }) => String(record.data.train.pictures),
    sorted: ({ record }) => record.data.train.pictures,
  },
  { title: 'Profile', shown: ({ record }) => record.profile },
  {
    title: 'Took',
    shown: ({ record }) => durationInWords(record.seconds),
    sorted: ({ record }) => record.seconds,
  },
];

/** Every run: a table that a script sorts and filters, and what each was and how to repeat it. */
export function runsBlock(runs: readonly ExperimentResult[], page: Page): string {
  const head = ['Run', ...COLUMNS.map(({ title }) => title)];
  const rows = runs.map((run) => {
    const name = nameOf(run);
    const cells = COLUMNS.map(({ shown, sorted }) =>
      sorted
        ? `<td class="n" data-value="${sorted(run)}">${escapeMarkup(shown(run))}</td>`
        : `<td>${escapeMarkup(shown(run))}</td>`,
    );
    return `<tr><td><a href="#${page.project.references.runId(name)}">${escapeMarkup(name)}</a></td>${cells.join('')}</tr>`;
  });
  const id = page.namePart('each-run');
  page.headings.push({ id, level: 2, html: 'Each run' });
  return (
    `<section class="notebook runs">\n<p>${counted(runs.length, 'run')}; ${timeOf(runs)}, as recorded.</p>\n` +
    '<p class="filter" hidden><label>Show runs with <input type="search" autocomplete="off" placeholder="frozen original"></label> <span role="status"></span></p>\n' +
    '<div class="scroll table"><table class="sortable"><thead><tr>' +
    `${head.map((title) => `<th scope="col">${title}</th>`).join('')}</tr></thead>\n<tbody>${rows.join('\n')}</tbody></table></div>\n` +
    `</section>\n<section class="notebook provenance">\n<h2 id="${id}">Each run</h2>\n` +
    `<p>What it was, and how to repeat it.</p>\n${runs.map((run) => runPanel(run, page)).join('')}</section>\n`
  );
}

/** Time of the trainings together, on either kind of machine: an hour of one is not an hour of the other. */
function timeOf(runs: readonly ExperimentResult[]): string {
  const words = [false, true].flatMap((onGpu) => {
    const those = runs.filter(({ record }) => (record.backend.device !== 'cpu') === onGpu);
    if (those.length === 0) return [];
    const seconds = those.reduce((sum, { record }) => sum + record.seconds, 0);
    return `${durationInWords(seconds)} on ${onGpu ? 'graphics processors' : 'processors'}`;
  });
  return words.join(', ');
}
