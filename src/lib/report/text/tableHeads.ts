/**
 * HTML whose tables say what each of their heads is of: those in `thead` of a column, those in `tbody` of a row. A head
 * without words, most often the corner above the names of rows, becomes an empty cell: it would name nothing.
 *
 * @param html - Markup that was made or cleaned here, with lower-case tags.
 */
export function scopedHeads(html: string): string {
  return html.replace(/<(thead|tbody)\b[\s\S]*?<\/\1>/g, (part, name: string) => {
    const scope = name === 'thead' ? 'col' : 'row';
    return part
      .replace(/<th\b([^>]*)>\s*<\/th>/g, (_, attributes: string) => `<td${unscoped(attributes)}></td>`)
      .replace(/<th\b(?![^>]* scope=)/g, `<th scope="${scope}"`);
  });
}

function unscoped(attributes: string): string {
  return attributes.replace(/ scope="[^"]*"/, '');
}
