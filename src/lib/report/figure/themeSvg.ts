import { THEME } from '../../chart/style/theme';

const NAMES = new Map(Object.entries(THEME).map(([name, { light }]) => [light as string, name]));

/** Lets a chart follow the page's theme: where it uses a colour of the theme, it now asks for the CSS variable. */
export function themeSvg(svg: string): string {
  return svg.replace(
    / (fill|stroke|stop-color)="(#[0-9a-f]{6})"/g,
    (attribute, property: string, colour: string) => {
      const name = NAMES.get(colour);
      return name ? ` ${property}="var(--chart-${name}, ${colour})"` : attribute;
    },
  );
}

/** The variables that {@link themeSvg} asks for; the figure's ground is the page's. */
export function themeVariables(): string {
  return Object.entries(THEME)
    .map(([name, { light, dark }]) =>
      name === 'paper' ? '--chart-paper: var(--paper);' : `--chart-${name}: light-dark(${light}, ${dark});`,
    )
    .join('\n');
}
