/** Shows things under the cell that is executing, each by one call. */
export interface Display {
  html(source: string): void;
  svg(source: string): void;
  /** @param bytes - Content of a PNG file. */
  png(bytes: Uint8Array): void;
  markdown(source: string): void;
  text(source: string): void;
}

/** What is used here of tslab's own library. */
interface Tslab {
  readonly display: Display;
  newDisplay(): Display;
}

/**
 * Shows HTML, pictures and text under the executing cell. Outside of a notebook, markdown and text are printed
 * and the rest is not shown.
 *
 * @example
 * display.svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 2 2"><circle r="1"/></svg>');
 */
export const display: Display = {
  html: (source) => tslab()?.display.html(source),
  svg: (source) => tslab()?.display.svg(source),
  png: (bytes) => tslab()?.display.png(bytes),
  markdown: (source) => (tslab() ? tslab()?.display.markdown(source) : console.log(source)),
  text: (source) => (tslab() ? tslab()?.display.text(source) : console.log(source)),
};

/**
 * A place under the executing cell whose content each call replaces: progress, a curve that grows. Outside of a
 * notebook it shows nothing.
 *
 * @example
 * const progress = liveDisplay();
 * for (let epoch = 1; epoch <= 10; epoch++) progress.text(`epoch ${epoch} of 10`);
 */
export function liveDisplay(): Display {
  const live = tslab()?.newDisplay();
  return {
    html: (source) => live?.html(source),
    svg: (source) => live?.svg(source),
    png: (bytes) => live?.png(bytes),
    markdown: (source) => live?.markdown(source),
    text: (source) => live?.text(source),
  };
}

/**
 * The library of the very tslab that runs this process as a kernel, whichever copy that is; undefined elsewhere.
 * Its kernel leaves a `require` for cells in a global variable; there is no other mark.
 */
function tslab(): Tslab | undefined {
  const kernel = (globalThis as { __tslab__?: { require(id: 'tslab'): Tslab } }).__tslab__;
  return kernel?.require('tslab');
}
