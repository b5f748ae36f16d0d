// What was found, as boxes over the picture and as a table.

const SVG = 'http://www.w3.org/2000/svg';
/** Height of a label's letters on the screen, pixels. */
const LETTERS = 13;

/** Draws boxes with class and score over a picture of some size, whatever size it is shown at. */
export function drawBoxes(svg, { width, height }, detections) {
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const size = (LETTERS * width) / (svg.clientWidth || width);
  svg.replaceChildren(...detections.flatMap((detection) => boxOf(detection, size)));
}

function boxOf({ name, score, box, classIndex }, size) {
  const { left, top, right, bottom } = box;
  const words = `${name} ${score.toFixed(2)}`;
  // Neighbouring classes get hues that are far apart.
  const stroke = `hsl(${Math.round(classIndex * 137.5) % 360} 90% 60%)`;
  const labelTop = Math.max(top, 1.35 * size);
  const frame = { x: left, y: top, width: right - left, height: bottom - top };
  const text = element('text', { x: left + 0.3 * size, y: labelTop - 0.35 * size, 'font-size': size });
  text.textContent = words;
  return [
    element('rect', { ...frame, class: 'halo' }),
    element('rect', { ...frame, class: 'box', stroke }),
    element('rect', {
      class: 'label',
      x: left,
      y: labelTop - 1.35 * size,
      width: (0.58 * words.length + 0.6) * size,
      height: 1.35 * size,
    }),
    text,
  ];
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Fills a table's body: class, score, and the box in pixels of the picture. */
export function listBoxes(body, detections) {
  body.replaceChildren(
    ...detections.map(({ name, score, box }) => {
      const row = document.createElement('tr');
      const edges = [box.left, box.top, box.right, box.bottom].map((edge) => edge.toFixed(1));
      for (const [index, words] of [name, score.toFixed(3), ...edges].entries()) {
        const cell = row.insertCell();
        cell.textContent = words;
        if (index > 0) cell.className = 'n';
      }
      return row;
    }),
  );
}
