import { formatBytes, type MemoryEstimate, PART_NAMES, type Part } from 'yolov1/memory';
import { chart } from '../chart/chart';
import type { Figure, FigureTexts } from '../chart/figure';
import { namedRows } from '../chart/namedRows';
import { GROUND, SERIES, THEME } from '../chart/style/theme';

/** What a memory figure shows. */
export interface MemoryPlan {
  /** Estimates by name; each is a bar of the parts of its worst phase. */
  estimates: Readonly<Record<string, MemoryEstimate>>;
  /** Bytes, drawn as a line. */
  budget: number;
}

/** Two columns of these names on a phone. */
const SMALL_LEGEND = { columns: 2, columnPadding: 8, labelFontSize: 11.5, symbolSize: 120 };

/** Parts that are drawn as one: six colours can be told apart. */
const GROUPS: Readonly<Record<string, readonly Part[]>> = {
  'program, parameters': ['runtime', 'parameters'],
  'optimizer, averages': ['optimizer', 'averages'],
  pictures: ['pictures'],
  'gradients, temporary': ['gradients', 'workspace'],
  'activations kept': ['activations'],
  allocator: ['allocator'],
};

/**
 * What trainings take at their worst moment, part by part, against a budget.
 *
 * @throws RangeError if there is no estimate.
 */
export async function memoryPlanFigure(
  { estimates, budget }: MemoryPlan,
  texts: FigureTexts,
): Promise<Figure> {
  const names = Object.keys(estimates);
  if (names.length === 0) throw new RangeError('estimates: got none, expected at least one');
  const groups = Object.keys(GROUPS);
  const margin = 'margin';
  const values = names.flatMap((name) => {
    const { phases, worst, margin: more } = estimates[name];
    const sum = (parts: readonly Part[]) => parts.reduce((total, part) => total + phases[worst][part], 0);
    return [
      ...groups.map((part, order) => ({ name, part, order, bytes: sum(GROUPS[part]) / 1e9 })),
      { name, part: margin, order: groups.length, bytes: more / 1e9 },
    ];
  });
  const totals = names.map((name) => ({
    name,
    total: estimates[name].total / 1e9,
    words: formatBytes(estimates[name].total),
  }));
  const limit = { data: { values: [{ budget: budget / 1e9, words: `budget ${formatBytes(budget)}` }] } };
  const spec = (narrow?: number) => {
    const { y, height, names: rowNames } = namedRows(narrow !== undefined, 22);
    const words = { type: 'text', align: 'left', dx: 6 };
    const sums = { y, x: { field: 'total', type: 'quantitative' }, text: { field: 'words' } };
    return {
      width: narrow ?? 520,
      height: { step: 34 },
      ...height,
      layer: [
        {
          data: { values },
          mark: { type: 'bar', height: { band: 0.62 } },
          encoding: {
            y,
            x: { field: 'bytes', type: 'quantitative', title: 'memory (GB)', stack: 'zero' },
            order: { field: 'order' },
            color: {
              field: 'part',
              type: 'nominal',
              title: null,
              scale: { domain: [...groups, margin], range: [...SERIES, THEME.grid.light] },
              legend: { offset: 28, ...(narrow ? SMALL_LEGEND : { columns: 4 }) },
            },
          },
        },
        {
          ...limit,
          mark: { type: 'rule', strokeDash: [5, 4], strokeWidth: 2, color: THEME.ink.light },
          encoding: { x: { field: 'budget', type: 'quantitative' } },
        },
        {
          ...limit,
          mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 5, dy: -3 },
          encoding: {
            x: { field: 'budget', type: 'quantitative' },
            y: { value: 0 },
            text: { field: 'words' },
          },
        },
        { data: { values: totals }, mark: { ...words, ...GROUND }, encoding: sums },
        { data: { values: totals }, mark: words, encoding: sums },
        ...rowNames.map((layer) => ({ data: { values: totals }, ...layer })),
      ],
    };
  };
  const table = names.map((name) => {
    const { phases, worst, margin: more, total } = estimates[name];
    const parts = Object.entries(PART_NAMES).map(([part, words]) => [
      `${words} (MB)`,
      Math.round(phases[worst][part as Part] / 1e6),
    ]);
    return {
      training: name,
      phase: worst,
      ...Object.fromEntries(parts),
      'margin (MB)': Math.round(more / 1e6),
      'together (MB)': Math.round(total / 1e6),
    };
  });
  return chart(spec, texts, table);
}
