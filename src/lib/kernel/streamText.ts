/** Codes by which a terminal program moves the cursor in a line, erases or hides; colours (`m`) are kept. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one.
const CONTROL = /\x1b\[([0-9;?]*)([A-Za-ln-z])|\r|\x08/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that this file is about.
const MOVES = /[\r\b\x1b]/;

/** Column behind which no terminal goes: the number in a code may be any. */
const LAST_COLUMN = 1000;

/**
 * What a terminal would show in the end: a carriage return, a backspace and the codes that erase a line or set
 * the column act as they do there, so that of a progress bar only its last state stays.
 *
 * Codes that move between lines are dropped: what they overwrite stays visible.
 *
 * @param text - Text as it was written to a stream.
 */
export function settleText(text: string): string {
  if (!MOVES.test(text)) return text;
  return text
    .split(/(\r?\n)/)
    .map((line, index) => (index % 2 === 0 ? settleLine(line) : line))
    .join('');
}

function settleLine(line: string): string {
  if (!MOVES.test(line)) return line;
  const cells: string[] = [];
  let column = 0;
  let from = 0;
  // Colour codes travel with the character after them, so that overwriting one replaces its colour as well.
  const write = (piece: string) => {
    let colour = '';
    for (const glyph of glyphs(piece)) {
      if (glyph.startsWith('\x1b')) {
        colour += glyph;
        continue;
      }
      while (cells.length < column) cells.push(' ');
      cells[column] = colour + glyph;
      colour = '';
      column += 1;
    }
    if (colour && column > 0 && cells[column - 1] !== undefined) cells[column - 1] += colour;
    else if (colour) cells[column] = colour + (cells[column] ?? '');
  };
  for (const match of line.matchAll(CONTROL)) {
    const at = match.index ?? 0;
    write(line.slice(from, at));
    from = at + match[0].length;
    const [code, parameter = '', command] = match;
    if (code === '\b') column = Math.max(0, column - 1);
    else if (command === undefined) column = 0;
    else if (command === 'G') column = Math.min(LAST_COLUMN, Math.max(0, Number(parameter || 1) - 1));
    else if (command === 'K') {
      if (parameter === '2') cells.length = 0;
      else if (parameter === '1') cells.fill(' ', 0, column + 1);
      else cells.length = Math.min(cells.length, column);
    }
  }
  write(line.slice(from));
  return cells.join('');
}

/** Characters and whole colour codes of a piece of text. */
function glyphs(piece: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one.
  return piece.match(/\x1b\[[0-9;]*m|[\s\S]/gu) ?? [];
}
