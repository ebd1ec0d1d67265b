import { readFirstDirectory, TIFF_TAG } from './read-directories';

/**
 * Whether a part of the first image of a TIFF would be behind the end of the file: its directory,
 * which many programs write last, or its strips or tiles, which others write last.
 */
export function isTiffCut(bytes: Buffer): boolean {
  const directory = readFirstDirectory(bytes);
  if (typeof directory === 'string') return directory === 'cut';
  const { stripOffsets, stripByteCounts, tileOffsets, tileByteCounts } = TIFF_TAG;
  const places = [
    [stripOffsets, stripByteCounts],
    [tileOffsets, tileByteCounts],
  ] as const;
  return places.some(([offsets, byteCounts]) => {
    const lengths = directory.numbers(byteCounts);
    return directory
      .numbers(offsets)
      .some((offset, index) => offset + (lengths[index] ?? 0) > bytes.length);
  });
}
