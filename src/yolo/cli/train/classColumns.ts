import { textTable } from '../../core/textTable';
import type { VocClassResult } from '../../eval/voc';
import { printable } from '../terminal/printable';

/** Classes under each other; more of them stand side by side. */
const ROWS = 20;

/**
 * Average precision of each class with the number of its objects, in at most 21 lines.
 *
 * @param classes - As the evaluation has them; one without objects has no average precision.
 */
export function classColumns(classes: readonly VocClassResult[]): string[] {
  const columns = Math.ceil(classes.length / ROWS);
  const rows = Math.ceil(classes.length / columns);
  const blocks = Array.from({ length: columns }, (_, column) => {
    const part = classes.slice(column * rows, (column + 1) * rows);
    const lines = textTable([
      ['class', 'n', 'AP'],
      ...part.map(({ name, objects, ap }) => [
        printable(name),
        String(objects),
        objects > 0 ? ap.toFixed(4) : '-',
      ]),
    ]);
    const width = Math.max(...lines.map((line) => line.length));
    return lines.map((line) => line.padEnd(width));
  });
  return blocks[0].map((_, line) =>
    blocks
      .map((block) => block[line] ?? '')
      .join('    ')
      .trimEnd(),
  );
}
