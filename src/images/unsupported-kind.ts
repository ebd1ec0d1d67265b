/**
 * Recognises kinds of images that this decoder was built without. Such a file is not damaged,
 * because nothing is known about its pixels.
 */
import type { ImageFormat } from './image-signature';
import { findJpegEnd } from './jpeg/find-jpeg-end';

/** Messages of libvips 8.x, libtiff 4.x and libjpeg about what they do not support. */
const UNSUPPORTED_MESSAGE =
  /not configured|not implemented|not supported|only supports|unsupported (tiff|jpeg|color|compression|photometric|sample|bit)|not a whole number of bytes|bad labq format|no known route|unknown pseudo-tag|omitted at compile time|lossless parameters/i;

/** The message when all loaders refused the file, for example an AVIF with several frames. */
const NO_LOADER_MESSAGE = /unsupported image format/i;

/** The formats of which many kinds exist. */
const MANY_KINDS: ReadonlySet<ImageFormat> = new Set<ImageFormat>(['tiff', 'jpeg', 'avif']);

/** Whether the decoder failed with this message because it does not support this kind of image. */
export function isUnsupportedKind(format: ImageFormat, bytes: Buffer, message: string): boolean {
  if (!MANY_KINDS.has(format)) return false;
  if (UNSUPPORTED_MESSAGE.test(message)) return true;
  return NO_LOADER_MESSAGE.test(message) && format === 'avif' && isAvifSequence(bytes);
}

/** Whether the file states where it ends, and ends there. */
export function hasOwnEnd(format: ImageFormat, bytes: Buffer): boolean {
  if (format === 'jpeg') return findJpegEnd(bytes) !== null;
  return format === 'avif' && boxesOf(bytes) !== null;
}

/** @see AV1 Image File Format, section 6.3: an image sequence has the brand `avis` and a movie. */
function isAvifSequence(bytes: Buffer): boolean {
  const boxes = boxesOf(bytes);
  if (boxes?.includes('moov') !== true) return false;
  return bytes
    .toString('latin1', 8, Math.min(bytes.length, bytes.readUInt32BE(0)))
    .includes('avis');
}

/**
 * The types of the boxes at the top level; null unless they fill the file exactly.
 *
 * @see ISO/IEC 14496-12, section 4.2: size, type; a size of 1 is followed by one of 64 bits, and 0
 * means up to the end of the file.
 */
function boxesOf(bytes: Buffer): readonly string[] | null {
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
