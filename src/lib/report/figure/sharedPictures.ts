/** A picture inside a drawing, as the drawings of this project write it: at the drawing's corner, with its own content. */
const PICTURE =
  /<image width="(\d+)" height="(\d+)" preserveAspectRatio="none" href="(data:image\/[a-z]+;base64,[^"]*)"(?:><\/image>|\/?>)/g;

/**
 * A page in which a picture that several drawings show, such as one for a screen and one for a phone, is there once. No
 * compression would find it a second time: it looks no further back than 32 kB.
 *
 * The pictures stand at the end in a drawing of no size. Inside one of those that the style sheet hides, a browser may
 * not load them.
 */
export function sharePictures(html: string): string {
  const times = new Map<string, number>();
  for (const [, , , content] of html.matchAll(PICTURE)) times.set(content, (times.get(content) ?? 0) + 1);
  const shared = [...times].filter(([, count]) => count > 1).map(([content]) => content);
  if (shared.length === 0) return html;
  const used = html.replace(PICTURE, (picture, width: string, height: string, content: string) => {
    const place = shared.indexOf(content);
    return place < 0 ? picture : `<use href="#${nameOf(place)}" transform="scale(${width} ${height})"/>`;
  });
  const pictures = shared.map(
    (content, place) =>
      `<image id="${nameOf(place)}" width="1" height="1" preserveAspectRatio="none" href="${content}"/>`,
  );
  return `${used}<svg class="shared" width="0" height="0" aria-hidden="true"><defs>${pictures.join('\n')}</defs></svg>\n`;
}

/** No label has a stroke below: the name is free. */
function nameOf(place: number): string {
  return `picture_${place + 1}`;
}
