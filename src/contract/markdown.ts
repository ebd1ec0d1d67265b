/**
 * Builds the parts of the details in the Web UI, as Markdown. Text from outside (hosts, ids,
 * reasons, errors) goes through `inline`, so that it can neither break a table nor add markup, HTML
 * or a link.
 */

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;
/**
 * Characters with a meaning in Markdown. Two hyphens are escaped too, because the UI turns them
 * into a dash, and then an option in a command could not be copied.
 */
const MARKUP = /[\\`*[\]<>|&~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|-(?=-)|(?<=-)-/gu;

/**
 * Characters that make Markdown create a link even when they are escaped.
 *
 * @see GFM, 6.9 Autolinks
 */
const LINKS = /(?<=\b(?:https?|ftp|mailto|xmpp)):|(?<=\bwww)\.|@/giu;
const WORD_JOINER = '\u2060';

/**
 * Follows each cell of a table. The UI's tables have no space between columns, and ordinary spaces
 * at the end of a cell are dropped.
 */
const GAP = '\u00a0\u00a0';

/**
 * Escapes a text, and puts it on one line.
 *
 * @param most the most bytes of the text. The escaped text has at most twice as many, and each link
 *   4 more.
 */
export function inline(text: string, most = 300): string {
  return cut(text.replace(INVISIBLE, ' ').trim(), most)
    .replace(MARKUP, '\\$&')
    .replace(LINKS, `${WORD_JOINER}$&`);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => `${cell}${GAP}`).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/**
 * A command to copy, as a block of code. Each of its lines begins with text of ours, so nothing in
 * the command can end the block.
 */
export function command(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

/** An ISO 8601 time as users read it. */
export function moment(iso: string): string {
  return inline(iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2 UTC'), 40);
}

/**
 * Joins sections, the most important first, and omits those that would make the details too long.
 */
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

/**
 * Cuts a text between characters.
 *
 * @param most the most bytes of UTF-8.
 */
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
