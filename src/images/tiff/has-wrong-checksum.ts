/** Checks deflated pixels of a TIFF by their checksums, which libtiff does not read. */
import { createInflate } from 'node:zlib';
import { readFirstDirectory, TIFF_TAG } from './read-directories';

/** Deflate, and the number that it had before it had this one. */
const DEFLATE: readonly number[] = [8, 32_946];

/** zlib's message when the bytes were inflated to the end and are others than those deflated. */
const WRONG_CHECKSUM = 'incorrect data check';

/**
 * Whether a strip or tile of the first page inflates to other bytes than were deflated. Never
 * throws, because hostile bytes lead to a result too.
 */
export async function hasWrongChecksum(bytes: Buffer): Promise<boolean> {
  const directory = readFirstDirectory(bytes);
  if (typeof directory === 'string') return false;
  const [compression = 0] = directory.numbers(TIFF_TAG.compression);
  if (!DEFLATE.includes(compression)) return false;
  const numbersOf = (...tags: readonly number[]): readonly number[] =>
    tags.flatMap((tag) => directory.numbers(tag));
  const offsets = numbersOf(TIFF_TAG.stripOffsets, TIFF_TAG.tileOffsets);
  const lengths = numbersOf(TIFF_TAG.stripByteCounts, TIFF_TAG.tileByteCounts);
  for (const [index, offset] of offsets.entries())
    if (await isWrong(bytes.subarray(offset, offset + (lengths[index] ?? 0)))) return true;
  return false;
}

function isWrong(deflated: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const inflate = createInflate();
    inflate.on('error', ({ message }) => {
      resolve(message === WRONG_CHECKSUM);
    });
    inflate.on('end', () => {
      resolve(false);
    });
    inflate.resume().end(deflated);
  });
}
