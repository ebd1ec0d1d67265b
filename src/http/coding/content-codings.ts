/**
 * Reads Content-Encoding. Servers also send words there that are no content coding: charsets
 * (`UTF-8`), media types, `aws-chunked`, `binary`, `none`.
 */

/** What a Content-Encoding names. Both lists are in the order of the header. */
export interface ContentCodings {
  /** Registered content codings, the one that was applied last at the end. */
  readonly codings: readonly string[];
  /** Words that are no registered content coding. They are ignored, as in browsers. */
  readonly ignored: readonly string[];
}

/**
 * @see RFC 9110, section 8.4.1; IANA HTTP Content Coding Registry (2025-10). `x-gzip` and
 * `x-compress` are their older names.
 */
const REGISTERED: ReadonlySet<string> = new Set([
  'aes128gcm',
  'br',
  'compress',
  'dcb',
  'dcz',
  'deflate',
  'exi',
  'gzip',
  'pack200-gzip',
  'zstd',
]);

/** The most characters of a header that is read. A longer header is a fault or an attack. */
const MAX_CHARACTERS = 500;

/** @returns null without a header, and if it names nothing but `identity`. */
export function readContentCodings(header: string | string[] | undefined): ContentCodings | null {
  if (header === undefined) return null;
  const words = String(header)
    .slice(0, MAX_CHARACTERS)
    .toLowerCase()
    .split(',')
    .map((word) =>
      word
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .replace(/^x-(gzip|compress)$/, '$1'),
    )
    .filter((word) => word !== '' && word !== 'identity');
  if (words.length === 0) return null;
  return {
    codings: words.filter((word) => REGISTERED.has(word)),
    ignored: words.filter((word) => !REGISTERED.has(word)),
  };
}

/** Words that servers use for bytes without a coding. */
const NO_CODING =
  /\/|^(utf.?(8|16|32)|(us-)?ascii|iso.?8859.*|windows-\d+|cp\d+|latin.?\d|aws-chunked|chunked|binary|none|null|undefined|false|\d+-?bit|raw|plain|text|image|jpe?g|png)$/;

/** Whether a word may be an unregistered content coding, for example `lzma`. */
export function mayBeCoding(word: string): boolean {
  return !NO_CODING.test(word);
}

/** Writes the words without control characters, for messages. */
export function nameCodings(words: readonly string[]): string {
  return words
    .join(', ')
    .replace(/[^\x20-\x7e]+/g, '·')
    .slice(0, 60);
}
