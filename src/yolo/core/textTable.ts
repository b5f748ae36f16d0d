/**
 * Lines of a table in plain text, columns under each other and two spaces apart.
 *
 * @param rows - Cells by row; the first row has as many as any.
 * @param left - Columns that are set to the left, the others to the right. Default 1.
 */
export function textTable(rows: readonly (readonly string[])[], left = 1): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((text, column) => (column < left ? text.padEnd(widths[column]) : text.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
