import { counted } from 'yolov1/form';
import { chart } from './chart';
import type { DataRow, Figure, FigureTexts } from './figure';
import { NARROW } from './narrow';
import { mean } from './spread';
import { legendColumns } from './style/legendColumns';
import { labelWidth, lineLabels } from './style/lineLabels';
import { wrapped } from './style/textWidth';
import { CHART_CONFIG, DASHES, SERIES, THEME } from './style/theme';

/** Values of a line; of several seeds a list each: the line is their mean, and their range is shaded. */
export type Line = ArrayLike<number> | readonly ArrayLike<number>[];

/** Lines by their names. */
export type Lines = Readonly<Record<string, Line>>;

/** What a line chart shows; either `series` or `facet`. */
export interface LineChart {
  /** At most six lines; values that are not finite leave a gap. */
  series?: Lines;
  /** Small panels on common axes by their titles, all with lines of the same names. */
  facet?: Readonly<Record<string, Lines>>;
  /** Where the values stand; default 1, 2, 3, ... */
  x?: ArrayLike<number>;
  /** Default `epoch`. */
  xTitle?: string;
  yTitle: string;
  /** Axes that are logarithmic, whose values must be above 0; true for `y`. Default none. */
  logarithmic?: boolean | 'x' | 'y' | 'both';
  /** Curves of a formula have no dots at their values. Default false. */
  computed?: boolean;
  /** Names of all things of this kind, in order: a name has one colour in every chart. Default: those of this chart. */
  among?: readonly string[];
}

/** Of the plot alone and of a panel, CSS pixels. */
const ALONE = { width: 560, height: 280 };
/** Of the plot with the names at its side, which make it narrower down to a least width. */
const WITH_NAMES = 585;
const LEAST = 360;
const PANEL = { width: 165, height: 150 };
/** Height for a phone, and the widest names that stand beside the plot there. */
const [LOW, SHORT] = [220, 80];
/** Places that each have their number on a logarithmic axis. */
const MOST_TICKS = 12;
/** More dots would hide the line that they lie on. */
const MOST_DOTS = 60;

/**
 * Lines over the same places, such as the parts of the loss over the epochs: in one chart with their names at their ends, or
 * in small panels side by side.
 *
 * @throws RangeError for no line or more than six, lines that differ in length from `x`, panels of other lines than the
 * first, or values that a logarithmic axis can't show.
 */
export async function lineChart(what: LineChart, texts: FigureTexts): Promise<Figure> {
  const { xTitle = 'epoch', yTitle, computed = false } = what;
  const panels = what.facet ?? { '': what.series ?? {} };
  const { names, places } = checked(what, panels);
  const log = {
    x: ['x', 'both'].includes(`${what.logarithmic}`),
    y: !['x', 'undefined', 'false'].includes(`${what.logarithmic}`),
  };
  const rows = Object.entries(panels).flatMap(([panel, lines]) =>
    names.flatMap((name) => places.map((x, k) => ({ panel, line: name, x, ...summary(lines[name], k) }))),
  );
  if (log.y && rows.some(({ low }) => low !== null && low <= 0)) {
    throw new RangeError(
      `${yTitle}: got ${Math.min(...rows.map(({ low }) => low ?? 1))}, expected values above 0`,
    );
  }
  const among = what.among ?? names;
  const range = (all: readonly unknown[]) =>
    names.map((name) => all[Math.max(0, among.indexOf(name)) % all.length]);
  const faceted = what.facet !== undefined;
  const beside = !faceted && names.length > 1 ? Math.max(...names.map((name) => labelWidth(name))) : 0;
  const spec = (narrow?: number) => {
    const labelled = beside > 0 && (narrow === undefined || beside <= SHORT);
    const width = narrow ?? Math.max(LEAST, Math.min(ALONE.width, WITH_NAMES - beside));
    const size = faceted
      ? { ...PANEL, width: narrow ?? PANEL.width }
      : { width, height: narrow ? LOW : ALONE.height };
    const legend =
      !labelled && names.length > 1
        ? {
            symbolType: 'stroke',
            symbolOpacity: 1,
            columns: legendColumns(names, narrow ? NARROW : ALONE.width),
          }
        : null;
    const title = (words: string, room: number) =>
      wrapped(words, CHART_CONFIG.axis.titleFontSize, narrow && room);
    const byName = (all: readonly unknown[]) => ({
      field: 'line',
      type: 'nominal',
      title: null,
      scale: { domain: names, range: range(all) },
      legend,
    });
    const ends = extent(rows, log.y);
    const whole = places.every(Number.isInteger);
    const x = {
      field: 'x',
      type: 'quantitative',
      title: title(xTitle, width),
      scale: log.x ? { type: 'log', nice: false } : { zero: false, nice: false },
      axis: log.x
        ? {
            ...(places.length <= MOST_TICKS ? { values: places } : { tickCount: 6 }),
            format: '~g',
            grid: false,
          }
        : {
            format: whole ? 'd' : undefined,
            tickMinStep: whole ? 1 : undefined,
            tickCount: faceted || narrow ? 4 : 8,
          },
    };
    const y = {
      type: 'quantitative',
      title: title(yTitle, size.height),
      scale: { type: log.y ? 'log' : 'linear', domain: ends, nice: false },
      axis: log.y ? { format: '~g', tickCount: 6 } : { tickCount: 6 },
    };
    const several = rows.some(({ low, high }) => low !== high);
    const layer = [
      ...(several
        ? [
            {
              mark: { type: 'area', opacity: 0.2, tooltip: false },
              encoding: {
                x,
                y: { ...y, field: 'low' },
                y2: { field: 'high' },
                color: byName(SERIES),
              },
            },
          ]
        : []),
      {
        mark: { type: 'line', invalid: 'break-paths-show-domains' },
        encoding: { x, y: { ...y, field: 'y' }, color: byName(SERIES), strokeDash: byName(DASHES) },
      },
      // Points to hover over.
      ...(!computed && !faceted && places.length <= MOST_DOTS
        ? [
            {
              mark: { type: 'point', size: 24, opacity: 1 },
              encoding: { x, y: { ...y, field: 'y' }, color: byName(SERIES) },
            },
          ]
        : []),
    ];
    const labels = labelled
      ? lineLabels(rows, { ...size, ends, logarithmic: log.y, colours: range(SERIES) as string[], names })
      : [];
    const header = { labelColor: THEME.ink.light, labelFontSize: 12.5 };
    return faceted
      ? {
          data: { values: rows },
          facet: { field: 'panel', type: 'nominal', sort: Object.keys(panels), title: null, header },
          columns: Math.min(narrow ? 2 : 3, Object.keys(panels).length),
          spacing: 16,
          spec: { ...size, layer },
        }
      : { ...size, data: { values: rows }, layer: [...layer, ...labels] };
  };
  return chart(spec, texts, tableOf(panels, names, places, xTitle));
}

/** The names of the lines and where their values stand. */
function checked({ x, facet }: LineChart, panels: Readonly<Record<string, Lines>>) {
  const [first] = Object.values(panels);
  const names = Object.keys(first ?? {});
  if (names.length < 1 || names.length > SERIES.length) {
    throw new RangeError(`series: got ${names.length} lines, expected 1 to ${SERIES.length}`);
  }
  const length = x?.length ?? seedsOf(first[names[0]])[0].length;
  for (const [title, lines] of Object.entries(panels)) {
    if (Object.keys(lines).join() !== names.join()) {
      throw new RangeError(
        `panel '${title}': got ${Object.keys(lines).join(', ')}, expected ${names.join(', ')}`,
      );
    }
    for (const name of names) {
      const wrong = seedsOf(lines[name]).find((values) => values.length !== length);
      if (!wrong) continue;
      const where = facet ? `series '${name}' of panel '${title}'` : `series '${name}'`;
      throw new RangeError(
        `${where}: got ${counted(wrong.length, 'value')}, expected ${length}, one for each x`,
      );
    }
  }
  return { names, places: x ? Array.from(x) : Array.from({ length }, (_, place) => place + 1) };
}

function seedsOf(line: Line): readonly ArrayLike<number>[] {
  return typeof line[0] === 'object' ? (line as readonly ArrayLike<number>[]) : [line as ArrayLike<number>];
}

/** Mean and range of the seeds at a place; null where a value is not finite. */
function summary(line: Line, k: number): { y: number | null; low: number | null; high: number | null } {
  const values = seedsOf(line).map((seed) => seed[k]);
  if (!values.every(Number.isFinite)) return { y: null, low: null, high: null };
  return { y: mean(values), low: Math.min(...values), high: Math.max(...values) };
}

/** Ends of the y axis: from 0 or the least, a little beyond the most, so that labels can be placed by them. */
function extent(
  rows: readonly { low: number | null; high: number | null }[],
  logarithmic: boolean,
): [number, number] {
  const known = rows.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]));
  const [least, most] = [Math.min(...known, Infinity), Math.max(...known, -Infinity)];
  if (!Number.isFinite(least)) return logarithmic ? [0.1, 1] : [0, 1];
  if (logarithmic) return [least / 1.15, most * 1.15];
  const [low, high] = [Math.min(0, least), Math.max(0, most)];
  const room = 0.04 * (high - low || 1);
  return [low < 0 ? low - room : 0, high > 0 ? high + room : 0];
}

function tableOf(
  panels: Readonly<Record<string, Lines>>,
  names: readonly string[],
  places: readonly number[],
  xTitle: string,
): DataRow[] {
  return Object.entries(panels).flatMap(([panel, lines]) =>
    places.map((place, k) => ({
      ...(panel === '' ? {} : { panel }),
      [xTitle]: place,
      ...Object.fromEntries(
        names.flatMap((name) => {
          const { y, low, high } = summary(lines[name], k);
          const several = seedsOf(lines[name]).length > 1;
          return several
            ? [
                [name, y],
                [`${name}, least`, low],
                [`${name}, most`, high],
              ]
            : [[name, y]];
        }),
      ),
    })),
  );
}
