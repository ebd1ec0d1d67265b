/** Places in a file, as editors and compilers write them. */

/** How many bytes of UTF-8 come before a place in a text. */
export type ByteOffset = number;

/**
 * The place as `line:column`, both counted from 1, the column in characters.
 *
 * @param offset null when the place is not known: the result is then where the query begins.
 */
export function placeOf(text: string, offset: ByteOffset | null): string {
  const before = Buffer.from(text, 'utf8')
    .subarray(0, offset ?? headerBytes(text))
    .toString('utf8');
  const lines = before.split('\n');
  return `${lines.length}:${Array.from(lines.at(-1) ?? '').length + 1}`;
}

/** @param characters how many characters of the text come before the place. */
export function byteOffset(text: string, characters: number): ByteOffset {
  return Buffer.byteLength(Array.from(text).slice(0, characters).join(''));
}

/** The size in bytes of the comments and empty lines that a file begins with. */
function headerBytes(text: string): ByteOffset {
  const [header = ''] = /^(?:[ \t]*(?:--[^\n]*)?\n)*[ \t]*/.exec(text) ?? [];
  return Buffer.byteLength(header);
}
