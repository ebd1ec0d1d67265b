import {
  readDirectory,
  readFirstDirectory,
  TIFF_TAG,
  type TiffDirectory,
} from './read-directories';

/** The largest number of pages that are looked at. */
const MOST_PAGES = 1_000;

/**
 * Whether a part of a page of a TIFF would be behind the end of the file: a directory, which many
 * programs write last, or strips or tiles, which others write last.
 */
export function isTiffCut(bytes: Buffer): boolean {
  let directory = readFirstDirectory(bytes);
  const seen = new Set<number>();
  while (typeof directory !== 'string') {
    if (arePixelsCut(directory, bytes.length)) return true;
    const { next } = directory;
    if (next === 0 || seen.has(next) || seen.size === MOST_PAGES) return false;
    seen.add(next);
    directory = readDirectory(bytes, next);
  }
  return directory === 'cut';
}

function arePixelsCut(directory: TiffDirectory, fileBytes: number): boolean {
  const { stripOffsets, stripByteCounts, tileOffsets, tileByteCounts } = TIFF_TAG;
  const places = [
    [stripOffsets, stripByteCounts],
    [tileOffsets, tileByteCounts],
  ] as const;
  return places.some(([offsets, byteCounts]) => {
    const lengths = directory.numbers(byteCounts);
    return directory
      .numbers(offsets)
      .some((offset, index) => offset + (lengths[index] ?? 0) > fileBytes);
  });
}
