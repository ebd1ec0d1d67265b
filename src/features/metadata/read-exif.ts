/**
 * Reads tags of an EXIF block: a TIFF structure of directories, whose entries have a tag, a type, a
 * count, and a value or its place. Everything in it may be wrong, so every read is checked.
 *
 * @see Exif 2.32 (CIPA DC-008), 4.6; TIFF 6.0, section 2.
 */
import { cleanText } from './clean-text';

export type ExifValue = number | string;
export type ExifTags = ReadonlyMap<number, ExifValue>;

const HEADER = 'Exif\0\0';
const TIFF_MARK = 42;
/** The tag whose value is the place of the directory with the tags of the camera. */
const EXIF_DIRECTORY = 0x8769;
const ENTRY_BYTES = 12;
/** More than any camera writes. */
const MOST_ENTRIES = 500;
const MOST_TEXT_BYTES = 200;

/**
 * The first value of each tag of the main picture. The directory of the place where the picture was
 * taken (GPS) is not read, nor are those of thumbnails and of the camera's maker.
 *
 * @returns no tags where the block is none.
 */
export function readExif(block: Buffer): ExifTags {
  const start = block.toString('latin1', 0, HEADER.length) === HEADER ? HEADER.length : 0;
  const tiff = tiffReader(block.subarray(start));
  if (tiff?.short(2) !== TIFF_MARK) return new Map();
  const tags = new Map(directory(tiff, tiff.long(4)));
  const place = tags.get(EXIF_DIRECTORY);
  if (typeof place === 'number')
    for (const [tag, value] of directory(tiff, place)) tags.set(tag, value);
  return tags;
}

/** Reads numbers and texts; null beyond the end of the block. */
interface TiffReader {
  readonly short: (at: number) => number | null;
  readonly long: (at: number) => number | null;
  readonly signedLong: (at: number) => number | null;
  readonly text: (at: number, byteCount: number) => string | null;
}

/** Null where the block does not begin with a byte order. */
function tiffReader(bytes: Buffer): TiffReader | null {
  const order = bytes.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return null;
  const isLittle = order === 'II';
  const within = <T>(at: number, byteCount: number, read: () => T): T | null =>
    at >= 0 && at + byteCount <= bytes.length ? read() : null;
  return {
    short: (at) =>
      within(at, 2, () => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))),
    long: (at) => within(at, 4, () => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))),
    signedLong: (at) =>
      within(at, 4, () => (isLittle ? bytes.readInt32LE(at) : bytes.readInt32BE(at))),
    text: (at, byteCount) =>
      within(at, byteCount, () => cleanText(bytes.subarray(at, at + byteCount))),
  };
}

function directory(tiff: TiffReader, at: number | null): readonly (readonly [number, ExifValue])[] {
  const count = at === null ? null : tiff.short(at);
  if (at === null || count === null) return [];
  const found: [number, ExifValue][] = [];
  for (let index = 0; index < Math.min(count, MOST_ENTRIES); index += 1) {
    const entry = at + 2 + index * ENTRY_BYTES;
    const tag = tiff.short(entry);
    const value = valueOf(tiff, entry);
    if (tag !== null && value !== null) found.push([tag, value]);
  }
  return found;
}

/** The types of TIFF that are read. */
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const SIGNED_RATIONAL = 10;

function valueOf(tiff: TiffReader, entry: number): ExifValue | null {
  const inEntry = entry + 8;
  const elsewhere = tiff.long(inEntry) ?? -1;
  switch (tiff.short(entry + 2)) {
    case ASCII: {
      const byteCount = tiff.long(entry + 4) ?? 0;
      const at = byteCount <= 4 ? inEntry : elsewhere;
      const text = tiff.text(at, Math.min(byteCount, MOST_TEXT_BYTES));
      return text === '' ? null : text;
    }
    case SHORT:
      return tiff.short(inEntry);
    case LONG:
      return tiff.long(inEntry);
    case RATIONAL:
      return quotient(tiff.long(elsewhere), tiff.long(elsewhere + 4));
    case SIGNED_RATIONAL:
      return quotient(tiff.signedLong(elsewhere), tiff.signedLong(elsewhere + 4));
    default:
      return null;
  }
}

function quotient(numerator: number | null, denominator: number | null): number | null {
  if (numerator === null || denominator === null || denominator === 0) return null;
  return numerator / denominator;
}
