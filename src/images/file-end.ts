/**
 * Finds out whether a file of a format without a walk ends where its container says that it ends.
 * Decoders report a file that was cut off like any other damage, and accept an animation of which
 * frames are missing.
 */
import type { ImageFormat } from './image-signature';
import { isTiffCut } from './tiff/is-tiff-cut';

/**
 * - `whole`: the file has the end that it states.
 * - `unended`: only the end mark is missing.
 * - `cut`: bytes that the file announces are missing.
 * - `unknown`: the format states no end, or this part of the file does not conform to it.
 */
export type FileEnd = 'whole' | 'unended' | 'cut' | 'unknown';

/** Never throws, because hostile bytes lead to a result too. */
export function fileEnd(format: ImageFormat, bytes: Buffer): FileEnd {
  if (format === 'gif') return endOfGif(bytes);
  if (format === 'webp') return endOfWebp(bytes);
  if (format === 'avif') return endOfBoxes(bytes);
  if (format === 'tiff') return isTiffCut(bytes) ? 'cut' : 'unknown';
  return 'unknown';
}

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** The size of a colour table, by the flags before it. */
function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** @see GIF89a, sections 15 to 27: blocks, each of sub-blocks with a length before them. */
function endOfGif(bytes: Buffer): FileEnd {
  if (bytes.length < 13) return 'cut';
  let offset = 13 + colourTableBytes(bytes.readUInt8(10));
  let frames = 0;
  while (offset < bytes.length) {
    const kind = bytes.readUInt8(offset);
    if (kind === TRAILER) return 'whole';
    if (kind !== EXTENSION && kind !== IMAGE) return 'unknown';
    if (kind === IMAGE && offset + 10 > bytes.length) return 'cut';
    const header = kind === EXTENSION ? 2 : 11 + colourTableBytes(bytes.readUInt8(offset + 9));
    const next = endOfSubBlocks(bytes, offset + header);
    if (next === null) return 'cut';
    offset = next;
    if (kind === IMAGE) frames += 1;
  }
  return frames > 0 && offset === bytes.length ? 'unended' : 'cut';
}

/** The offset behind sub-blocks and their terminator; null if the file ends before it. */
function endOfSubBlocks(bytes: Buffer, start: number): number | null {
  let offset = start;
  while (offset < bytes.length) {
    const length = bytes.readUInt8(offset);
    offset += 1 + length;
    if (length === 0) return offset;
  }
  return null;
}

/** @see WebP container (RFC 9649), section 2.4: the size counts what is behind it. */
function endOfWebp(bytes: Buffer): FileEnd {
  if (bytes.length < 12) return 'cut';
  return bytes.readUInt32LE(4) + 8 > bytes.length ? 'cut' : 'whole';
}

/**
 * A file may also be cut between two boxes: each image has `meta` or `moov`.
 *
 * @see ISO/IEC 14496-12, section 4.2. A box up to the end of the file does not show its end.
 */
function endOfBoxes(bytes: Buffer): FileEnd {
  let offset = 0;
  let isDescribed = false;
  while (offset + 16 <= bytes.length) {
    const short = bytes.readUInt32BE(offset);
    const size = short === 1 ? Number(bytes.readBigUInt64BE(offset + 8)) : short;
    if (size < 8) return 'unknown';
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    isDescribed ||= type === 'meta' || type === 'moov';
    offset += size;
  }
  if (offset === bytes.length) return isDescribed ? 'whole' : 'cut';
  return offset > bytes.length ? 'cut' : 'unknown';
}
