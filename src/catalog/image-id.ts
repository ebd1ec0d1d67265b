/**
 * Ids and URLs as the catalog has them: what cannot be an id, and what a URL is without white space
 * round it.
 */

/** In bytes of UTF-8. docs/reference/codes.md describes what `bad_id` is. */
export const LONGEST_ID = 64 * 1024;
const BLANK = /^\p{White_Space}*$/u;
/** White space that trim() does not know. */
const NEXT_LINE = '\u0085';

/** Why a text is no id, in words; null when it is one (verbatim, untrimmed). */
export function idProblem(id: string | null): string | null {
  if (id === null || id === '') return 'the id is empty';
  if (BLANK.test(id)) return 'the id is only white space';
  if (id.includes('\0')) return 'the id holds a NUL character';
  if (/\p{Surrogate}/u.test(id)) return 'the id is not valid Unicode';
  if (id.length * 3 > LONGEST_ID && Buffer.byteLength(id) > LONGEST_ID) {
    return `the id is longer than ${LONGEST_ID} bytes`;
  }
  return null;
}

/** How databases write NULL into text files. */
const DATABASE_NULL = '\\N';

/** The URL without white space round it; null when nothing is left, or it is a database's NULL. */
export function trimUrl(url: string | null): string | null {
  if (url === null) return null;
  let trimmed = url.trim();
  while (trimmed.startsWith(NEXT_LINE)) trimmed = trimmed.slice(1).trimStart();
  while (trimmed.endsWith(NEXT_LINE)) trimmed = trimmed.slice(0, -1).trimEnd();
  return trimmed === '' || trimmed === DATABASE_NULL ? null : trimmed;
}
