/**
 * Pieces of the Web UI's pages. What other people wrote (hosts, ids, reasons, errors) goes through `inline`: it can neither
 * break a table nor bring markup, HTML or a link along.
 */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;
/** Two hyphens as well: the UI makes a dash of them, and an option in a command could not be copied. */
const MARKUP = /[\\`*[\]<>|&~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|-(?=-)|(?<=-)-/gu;

/** Markdown makes links of these by themselves, however they are escaped. **Source** GFM, 6.9 Autolinks. */
const LINKS = /(?<=\b(?:https?|ftp|mailto|xmpp)):|(?<=\bwww)\.|@/giu;
const WORD_JOINER = '\u2060';

/** The UI's tables have no space between columns, and ordinary spaces at a cell's end are dropped. */
const GAP = '\u00a0\u00a0';

/** One line of plain text. **Units** `most`: bytes of the text; the escaped one has at most twice as many, and links 4 more. */
export function inline(text: string, most = 300): string {
  return cut(text.replace(UNSEEN, ' ').trim(), most)
    .replace(MARKUP, '\\$&')
    .replace(LINKS, `${WORD_JOINER}$&`);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => `${cell}${GAP}`).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** A command to copy; each of its lines begins with words of ours, so nothing in it can end the block. */
export function command(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

/** ISO 8601 to what people read. */
export function moment(iso: string): string {
  return inline(iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2 UTC'), 40);
}

/** Puts sections together, the most important first; those that would make the page too long are left out. */
export function page(sections: readonly (string | null)[], most = 9_000): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const section of sections) {
    if (section === null || section === '') continue;
    bytes += byteLength(section) + 2;
    if (bytes > most) return [...kept, '(The page is full: the rest is left out.)'].join('\n\n');
    kept.push(section);
  }
  return kept.join('\n\n');
}

/** Cuts between characters. **Units** bytes of UTF-8. */
export function cut(text: string, most: number): string {
  if (byteLength(text) <= most) return text;
  let kept = '';
  let bytes = 3;
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > most) break;
    kept += character;
  }
  return `${kept}…`;
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
