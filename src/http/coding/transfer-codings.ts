import { mayBeCoding } from './content-codings';

/**
 * Reads Transfer-Encoding, in lower case and in the order of the header. `identity`, which HTTP
 * once had, and words such as `binary` are no codings: if there is nothing else, the body has its
 * Content-Length, or ends with its connection. `chunked` that is written twice is applied once.
 *
 * @see RFC 9112, section 6.1; RFC 2616, section 4.4, for `identity`.
 */
export function transferCodings(header: string | null): readonly string[] {
  const words = (header ?? '').split(',').map((word) => word.trim().toLowerCase());
  const codings = words.filter(
    (word) => word === 'chunked' || (word !== '' && word !== 'identity' && mayBeCoding(word)),
  );
  return [...new Set(codings)];
}
