// The collapse, to be explored: loss and gradient of an empty cell's confidence, with and without the focal factor.
// The build draws it once with the same function, for readers without script.

/**
 * @param {number} gamma - Exponent of the focal factor, 0 to 5.
 * @param {number} confidence - Of the empty cell, 0 to 1.
 * @param {boolean} byLogit - The gradient by the logit behind a sigmoid instead of by the confidence.
 * @param {boolean} isNarrow - Draws the panels below each other, for a phone.
 * @returns {{ svg: string, words: string }} Content of an SVG of 640 x 250, on a phone of 320 x 500, and what it shows in words.
 */
function drawCollapse(gamma, confidence, byLogit, isNarrow) {
  const SAMPLES = 80;
  const slope = (c) => (byLogit ? c * (1 - c) : 1);
  const panels = [
    { title: 'Loss', x: 46, squared: (c) => c ** 2, focal: (c) => c ** (2 + gamma) },
    {
      title: byLogit ? 'Gradient by the logit' : 'Gradient by the confidence',
      x: isNarrow ? 46 : 366,
      squared: (c) => 2 * c * slope(c),
      focal: (c) => (2 + gamma) * c ** (1 + gamma) * slope(c),
    },
  ];
  const [width, top, height, below] = [260, 30, 170, isNarrow ? 255 : 0];
  const number = (value) => Number(value.toFixed(1));
  const cross = gamma > 0 ? (2 / (2 + gamma)) ** (1 / gamma) : undefined;
  const grid = Array.from({ length: SAMPLES + 1 }, (_, i) => i / SAMPLES);

  const svg = panels
    .map(({ title, x, squared, focal }, index) => {
      const most = Math.max(...grid.flatMap((c) => [squared(c), focal(c)]));
      const at = (c) => number(x + width * c);
      const up = (value) => number(top + height * (1 - value / most));
      const path = (f) => `M${grid.map((c) => `${at(c)} ${up(f(c))}`).join('L')}`;
      const ticks = [0, 0.5, 1]
        .map((c) => `<text x="${at(c)}" y="${top + height + 16}" text-anchor="middle">${c}</text>`)
        .join('');
      const scale = [0, most]
        .map((value) => `<text x="${x - 6}" y="${up(value) + 4}" text-anchor="end">${number(value)}</text>`)
        .join('');
      const crossing =
        index === 1 && cross !== undefined
          ? `<path class="cross" d="M${at(cross)} ${top}V${top + height}"/>` +
            `<text x="${at(cross)}" y="${top - 4}" text-anchor="middle">equal at ${cross.toFixed(2)}</text>`
          : '';
      const point = (f, name) =>
        `<circle class="${name}" cx="${at(confidence)}" cy="${up(f(confidence))}" r="4.5"/>`;
      return (
        `<g transform="translate(0 ${index * below})"><text class="title" x="${x}" y="12">${title}</text>` +
        `<path class="axis" d="M${x} ${top}V${top + height}H${x + width}"/>${ticks}${scale}` +
        `<text x="${x + width / 2}" y="${top + height + 34}" text-anchor="middle">confidence C of an empty cell</text>` +
        `${crossing}<path class="squared" d="${path(squared)}"/><path class="focal" d="${path(focal)}"/>` +
        `<path class="here" d="M${at(confidence)} ${top}V${top + height}"/>` +
        `${point(squared, 'squared')}${point(focal, 'focal')}</g>`
      );
    })
    .join('');
  const [, gradient] = panels;
  const [plain, focal] = [gradient.squared(confidence), gradient.focal(confidence)];
  const digits = (value) => (value === 0 ? '0' : Number(value.toPrecision(2)).toString());
  const ratio = ((2 + gamma) / 2) * confidence ** gamma;
  const words =
    `At C = ${confidence.toFixed(2)} and gamma = ${gamma.toFixed(1)} an empty cell is pulled by ${digits(plain)} ` +
    `under the squared error and by ${digits(focal)} with the focal factor: ${digits(ratio)} times as hard` +
    `${cross === undefined ? '.' : `; the two pull equally at C = ${cross.toFixed(2)}.`}`;
  return { svg, words };
}

if (typeof document !== 'undefined') {
  addEventListener('DOMContentLoaded', () => {
    for (const figure of document.querySelectorAll('.explorer')) {
      const [wide, narrow] = figure.querySelectorAll('svg');
      const [gamma, confidence, byLogit] = ['gamma', 'confidence', 'logit'].map((name) =>
        figure.querySelector(`[name="${name}"]`),
      );
      const draw = () => {
        const state = [gamma.valueAsNumber, confidence.valueAsNumber, byLogit.checked];
        const drawn = drawCollapse(...state, false);
        wide.innerHTML = drawn.svg;
        narrow.innerHTML = drawCollapse(...state, true).svg;
        figure.querySelector('.words').textContent = drawn.words;
        gamma.nextElementSibling.textContent = gamma.valueAsNumber.toFixed(1);
        confidence.nextElementSibling.textContent = confidence.valueAsNumber.toFixed(2);
      };
      for (const input of [gamma, confidence, byLogit]) input.addEventListener('input', draw);
      // The confidence can be dragged in either panel.
      const drag = (event) => {
        if (event.buttons === 0) return;
        const { left, width } = event.currentTarget.getBoundingClientRect();
        const x = ((event.clientX - left) / width) * event.currentTarget.viewBox.baseVal.width;
        confidence.value = String((x - (x < 330 ? 46 : 366)) / 260);
        draw();
      };
      for (const svg of [wide, narrow]) {
        svg.addEventListener('pointerdown', (event) => {
          svg.setPointerCapture(event.pointerId);
          drag(event);
        });
        svg.addEventListener('pointermove', drag);
      }
      figure.querySelector('.controls').hidden = false;
    }
  });
}
