/** Reads the boxes of files in the ISO base media file format, such as AVIF and HEIC. */

/**
 * The types of the boxes at the top level; null unless they fill the file exactly.
 *
 * @see ISO/IEC 14496-12, section 4.2: size, type; a size of 1 is followed by one of 64 bits, and 0
 * means up to the end of the file.
 */
export function isoBoxesOf(bytes: Buffer): readonly string[] | null {
  const types: string[] = [];
  let offset = 0;
  while (offset + 16 <= bytes.length) {
    const short = bytes.readUInt32BE(offset);
    const size = short === 1 ? Number(bytes.readBigUInt64BE(offset + 8)) : short;
    // A box up to the end of the file does not show whether it is complete.
    if (size < 8) return null;
    types.push(bytes.toString('latin1', offset + 4, offset + 8));
    offset += size;
  }
  return offset === bytes.length ? types : null;
}
