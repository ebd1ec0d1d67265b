/**
 * Recognises kinds of images that this decoder was built without. Such a file is not damaged,
 * because nothing is known about its pixels.
 */
import type { ImageFormat } from '../image-signature';
import { isoBoxesOf } from '../iso-boxes';
import { findJpegEnd } from '../jpeg/find-jpeg-end';
import { rareProcess } from '../jpeg/rare-process';
import { walkPng } from '../png/walk-png';
import { readFirstDirectory, TIFF_TAG } from '../tiff/read-directories';

/** Messages of sharp, libvips 8.x, libtiff 4.x and libjpeg about what they do not support. */
const UNSUPPORTED_MESSAGE =
  /channel limit|samples out of range|can not handle image|not configured|not implemented|not supported|only supports|unsupported (tiff|jpeg|color|compression|photometric|sample|bit)|not a whole number of bytes|bad labq format|no known route|unknown pseudo-tag|omitted at compile time|lossless parameters|required field 262 missing/i;

/** The message of libjpeg about JPEG-LS and hierarchical JPEGs, and about damaged files. */
const UNKNOWN_MARKER_MESSAGE = /unsupported marker type/i;

/** The message when all loaders refused the file, for example an AVIF with several frames. */
const NO_LOADER_MESSAGE = /unsupported image format/i;

/**
 * Names the kind of image, if the decoder failed with this message because it does not support it;
 * null for any other failure.
 */
export function unsupportedKind(
  format: ImageFormat,
  bytes: Buffer,
  message: string,
): string | null {
  switch (format) {
    case 'png': {
      const walk = walkPng(bytes, Infinity);
      return walk.state === 'unsupported' ? walk.detail : null;
    }
    case 'jpeg':
      if (UNKNOWN_MARKER_MESSAGE.test(message)) return rareProcess(bytes);
      return UNSUPPORTED_MESSAGE.test(message) ? message : null;
    case 'avif':
      if (NO_LOADER_MESSAGE.test(message) && isAvifSequence(bytes))
        return 'an AVIF of several frames';
      return UNSUPPORTED_MESSAGE.test(message) ? message : null;
    case 'tiff':
      if (NO_LOADER_MESSAGE.test(message)) return unequalSamples(bytes);
      return UNSUPPORTED_MESSAGE.test(message) ? message : null;
    case 'gif':
    case 'webp':
      return null;
  }
}

/** Whether the file states where it ends, and ends there. */
export function hasOwnEnd(format: ImageFormat, bytes: Buffer): boolean {
  if (format === 'jpeg') return findJpegEnd(bytes) !== null;
  return format === 'avif' && isoBoxesOf(bytes) !== null;
}

/** libtiff opens no TIFF whose samples differ in size or format, such as 5, 6 and 5 bits. */
function unequalSamples(bytes: Buffer): string | null {
  const directory = readFirstDirectory(bytes);
  if (typeof directory === 'string') return null;
  const { bitsPerSample, sampleFormat } = TIFF_TAG;
  const [sizes, formats] = [directory.numbers(bitsPerSample), directory.numbers(sampleFormat)];
  const differ = (values: readonly number[]): boolean => new Set(values).size > 1;
  if (differ(sizes)) return `samples of ${sizes.join(', ')} bits`;
  return differ(formats) ? `samples of the formats ${formats.join(', ')}` : null;
}

/** @see AV1 Image File Format, section 6.3: an image sequence has the brand `avis` and a movie. */
function isAvifSequence(bytes: Buffer): boolean {
  const boxes = isoBoxesOf(bytes);
  if (boxes?.includes('moov') !== true) return false;
  return bytes
    .toString('latin1', 8, Math.min(bytes.length, bytes.readUInt32BE(0)))
    .includes('avis');
}
