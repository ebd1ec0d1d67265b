/** The part of a file that a request asks for, by its header Range (RFC 9110). */

/** The first and the last byte, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a header Range with one range of bytes. Browsers and programs that continue a download send
 * nothing else, so a header with several ranges, or in another unit, is ignored, as the standard
 * allows.
 *
 * @param size of the file in bytes.
 * @returns null for the whole file; `outside` when the range begins beyond the end of the file.
 */
export function byteRangeOf(
  header: string | undefined,
  size: number,
): ByteRange | 'outside' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  // Without a first byte, the number is how many bytes of the end are asked for.
  if (first === '') {
    const count = Math.min(size, Number(last));
    return count === 0 ? 'outside' : { start: size - count, end: size - 1 };
  }
  const start = Number(first);
  if (start >= size) return 'outside';
  const end = last === '' ? size - 1 : Math.min(size - 1, Number(last));
  return end < start ? null : { start, end };
}
