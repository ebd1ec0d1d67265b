/**
 * Reads the directories of a TIFF, in which the tags of its images are. Never throws, because
 * hostile bytes lead to a result too.
 *
 * @see TIFF 6.0, section 2; BigTIFF has numbers of 64 bits.
 */

/** The numbers of the tags that this program reads. */
export const TIFF_TAG = {
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  stripOffsets: 273,
  stripByteCounts: 279,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  sampleFormat: 339,
  dngVersion: 50_706,
} as const;

/** One image of the file. */
export interface TiffDirectory {
  /** The whole numbers of a tag; none where the tag is missing or has values of another type. */
  numbers(tag: number): readonly number[];
  /** The value of a tag as the file has it; empty where the tag is missing. */
  bytes(tag: number): Buffer;
  /** The text of a tag, without the zero at its end; empty where the tag is missing. */
  text(tag: number): string;
  /** The offset of the next directory in bytes; 0 for the last one. */
  readonly next: number;
}

/**
 * - `cut`: the directory, or a value in it, would end behind the end of the file.
 * - `damaged`: this part of the file does not conform to the format.
 */
export type ReadDirectory = TiffDirectory | 'cut' | 'damaged';

/** The sizes of the values of the types, in bytes, by the number of the type. */
const VALUE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** BYTE, SHORT, LONG, IFD, LONG8 and IFD8. */
const WHOLE_NUMBER_TYPES: readonly number[] = [1, 3, 4, 13, 16, 18];

/** The largest number of values that is read. No image has as many strips or tiles. */
const MOST_VALUES = 1 << 20;

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

/** Reads the first directory of a file. */
export function readFirstDirectory(bytes: Buffer): ReadDirectory {
  if (bytes.length < 16) return 'cut';
  const read = tiffReader(bytes);
  const isBig = read(2, 2) === 43;
  return readDirectory(bytes, read(isBig ? 8 : 4, isBig ? 8 : 4));
}

/** Reads the directory that begins at an offset, which must be even. */
export function readDirectory(bytes: Buffer, directory: number): ReadDirectory {
  const read = tiffReader(bytes);
  const isBig = read(2, 2) === 43;
  const [size, countSize, entrySize] = isBig ? ([8, 8, 20] as const) : ([4, 2, 12] as const);
  if (directory % 2 !== 0) return 'damaged';
  if (directory + countSize > bytes.length) return 'cut';
  const first = directory + countSize;
  const behind = first + read(directory, countSize) * entrySize;
  if (behind + size > bytes.length) return 'cut';
  const entries = new Map<number, Entry>();
  for (let at = first; at < behind; at += entrySize) {
    const [type, count] = [read(at + 2, 2), read(at + 4, size)];
    const length = (VALUE_BYTES[type] ?? 0) * count;
    const offset = length > size ? read(at + 4 + size, size) : at + 4 + size;
    if (offset + length > bytes.length) return 'cut';
    entries.set(read(at, 2), { type, count, offset });
  }
  return directoryOf(bytes, entries, read(behind, size));
}

function directoryOf(
  bytes: Buffer,
  entries: ReadonlyMap<number, Entry>,
  next: number,
): TiffDirectory {
  const read = tiffReader(bytes);
  return {
    next,
    numbers: (tag) => {
      const { type, count, offset } = entries.get(tag) ?? { type: 0, count: 0, offset: 0 };
      if (!WHOLE_NUMBER_TYPES.includes(type)) return [];
      const size = (VALUE_BYTES[type] ?? 1) as NumberSize;
      const length = Math.min(count, MOST_VALUES);
      return Array.from({ length }, (_, index) => read(offset + index * size, size));
    },
    bytes: (tag) => {
      const { type, count, offset } = entries.get(tag) ?? { type: 0, count: 0, offset: 0 };
      return bytes.subarray(offset, offset + (VALUE_BYTES[type] ?? 0) * count);
    },
    text: (tag) => {
      const { type, count, offset } = entries.get(tag) ?? { type: 0, count: 0, offset: 0 };
      return type === 2
        ? bytes.toString('latin1', offset, offset + count).replace(/\0.*$/s, '')
        : '';
    },
  };
}

type NumberSize = 1 | 2 | 4 | 8;

/** Reads numbers in the order of the file's bytes. */
function tiffReader(bytes: Buffer): (offset: number, size: NumberSize) => number {
  const isLittle = bytes[0] === 0x49;
  return (offset, size) => {
    if (size === 8)
      return Number(isLittle ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset));
    return isLittle ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size);
  };
}
