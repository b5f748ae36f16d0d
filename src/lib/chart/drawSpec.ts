import type { Drawing } from './figure';
import { textWidth } from './style/textWidth';
import { CHART_CONFIG } from './style/theme';
import { tidySvg } from './tidySvg';

/** A Vega-Lite specification whose values are inside it. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/**
 * Draws a Vega-Lite specification in the project's theme. Nothing is loaded from a network or disk, and the same
 * specification gives the same drawing everywhere.
 *
 * @throws Error with everything that Vega-Lite and Vega complained of: a chart that is not what was meant
 * (an unknown field, an encoding that was dropped, data by address) is not drawn.
 */
export async function drawSpec(spec: ChartSpec): Promise<Drawing> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  measuring(vega).textMetrics.width = (item, text) => textWidth(String(text ?? ''), item.fontSize ?? 11);
  const complaints: string[] = [];
  const logger = complainTo(complaints);
  const config = { ...CHART_CONFIG, ...Object(spec.config) };
  const compiled = vegaLite.compile({ ...spec, config } as never, { logger: logger as never });
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compiled.spec), {
    renderer: 'none',
    loader: REFUSING_LOADER as never,
    logger: logger as never,
  });
  try {
    const svg = await view.toSVG();
    if (complaints.length > 0)
      throw new Error(`the chart can't be drawn as specified: ${complaints.join('; ')}`);
    return tidySvg(svg);
  } finally {
    view.finalize();
  }
}

/** What Vega lets a program replace, though its types don't say so: how it measures text. */
interface Measuring {
  textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number };
}
const measuring = (vega: unknown) => vega as Measuring;

/** Everything that Vega would fetch, it is refused. */
const refuse = (address: unknown) =>
  Promise.reject(new Error(`'${address}' is not loaded: a chart's values must be inside its specification`));
const REFUSING_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

/** A logger as Vega and Vega-Lite take it, which notes errors and warnings. */
function complainTo(complaints: string[]) {
  const note = (...parts: unknown[]) => {
    complaints.push(parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '));
    return logger;
  };
  const ignore = () => logger;
  const logger = { level: () => logger, error: note, warn: note, info: ignore, debug: ignore };
  return logger;
}
