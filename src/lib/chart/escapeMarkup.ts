const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is written inside an element or a quoted attribute of HTML or SVG. */
export function escapeMarkup(text: string): string {
  // Control characters are allowed in neither, not even by number.
  return text.replace(/[^\P{Cc}\t\n\r]/gu, '').replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
