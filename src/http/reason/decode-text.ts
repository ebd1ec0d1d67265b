/** Decodes the text of an answer by the charset that it states in one of several places. */

/**
 * Decodes the beginning of a body. It may end within a character, which is left out.
 *
 * @param contentType the value of the header Content-Type, with its parameters.
 * @see WHATWG HTML, "Determining the character encoding"; text without a statement that is not
 *   UTF-8 is taken for windows-1252, as browsers do in most languages.
 */
export function decodeText(bytes: Buffer, contentType: string | null): string {
  const begin = bytes.toString('latin1', 0, DECLARED_WITHIN);
  const stated = charsetOfMark(bytes) ?? charsetIn(contentType) ?? charsetInText(begin);
  const isWide = WIDE_MARKUP.test(begin);
  const label =
    stated !== null && (isWide || !IS_UTF16.test(stated)) ? stated : charsetOfMarkup(begin);
  const text = (label === null ? null : decodeAs(label, bytes)) ?? decodeUnstated(bytes);
  return text.replace(/^\ufeff/, '');
}

/** A declaration is searched for in this number of bytes, as browsers do. */
const DECLARED_WITHIN = 1_024;

const IS_UTF16 = /^utf-?16/i;

/** Every other byte of Latin letters is zero in UTF-16. */
const WIDE_MARKUP = /^(\xff\xfe|\xfe\xff|[^]{0,64}(\0[<\w]|[<\w]\0))/;

function charsetOfMark(bytes: Buffer): string | null {
  const mark = bytes.toString('hex', 0, 3);
  if (mark === 'efbbbf') return 'utf-8';
  if (mark.startsWith('fffe')) return 'utf-16le';
  return mark.startsWith('feff') ? 'utf-16be' : null;
}

function charsetIn(contentType: string | null): string | null {
  return /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? null;
}

/** What a page or XML declares: it can be read only if it is not in UTF-16. */
function charsetInText(begin: string): string | null {
  const found =
    /<meta\b[^>]*\bcharset\s*=\s*["']?([\w.:-]+)|^\s*<\?xml\b[^>]*\bencoding\s*=\s*["']([\w.:-]+)/i.exec(
      begin,
    );
  return found?.[1] ?? found?.[2] ?? null;
}

/** The charset of markup in UTF-16 that has no mark. */
function charsetOfMarkup(begin: string): string | null {
  if (/^(\s\0)*<\0/.test(begin)) return 'utf-16le';
  return /^(\0\s)*\0</.test(begin) ? 'utf-16be' : null;
}

function decodeUnstated(bytes: Buffer): string {
  return decodeAs('utf-8', bytes, { fatal: true }) ?? decodeAs('windows-1252', bytes) ?? '';
}

/** @returns null if the charset is not known, or with `fatal` if the bytes are not in it. */
function decodeAs(
  label: string,
  bytes: Buffer,
  options: { readonly fatal?: boolean } = {},
): string | null {
  try {
    return new TextDecoder(label, options).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
