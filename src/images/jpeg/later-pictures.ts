/**
 * Finds out whether a file has all the pictures that its first JPEG lists: gain maps, the second
 * picture of a stereo camera, previews. Without a list, what is behind the first JPEG is not known.
 *
 * @see CIPA DC-007 (multi-picture format), sections 5.2.1 to 5.2.3.
 */
import { readFirstDirectory } from '../tiff/read-directories';
import { findJpegEnd } from './find-jpeg-end';
import { APP0, APP15, COM, MARKER, SOI } from './markers';

/**
 * - `cut`: the file ends inside one of the pictures.
 * - `missing`: the file ends before one of them. Programs that change the first picture often keep
 *   its list and drop the others.
 * - `whole`: every picture is there, or none is listed.
 */
export type LaterPictures = 'cut' | 'missing' | 'whole';

/** Never throws, because hostile bytes lead to a result too. */
export function laterPictures(bytes: Buffer): LaterPictures {
  const pictures = listedPictures(bytes);
  if (!pictures.some(({ end }) => end > bytes.length)) return 'whole';
  // The offsets of a list that was not adapted to a changed first picture are wrong.
  const behind = picturesBehindFirst(bytes);
  if (behind.isCut) return 'cut';
  const wanted = pictures.filter(({ isPreview }) => !isPreview).length;
  return behind.count < wanted ? 'missing' : 'whole';
}

interface Listed {
  /** The offset behind the picture. */
  readonly end: number;
  /** True for a smaller copy of the first picture. */
  readonly isPreview: boolean;
}

const LIST = Buffer.from('MPF\0', 'latin1');
const APP2 = APP0 + 2;

/** The tag with the entries of all pictures, and the bytes of each. */
const ENTRIES = 0xb002;
const ENTRY_BYTES = 16;

/** The types of the class "large thumbnail", in the lowest 24 bits of the attribute. */
const isLargeThumbnail = (attribute: number): boolean => (attribute & 0xff0000) === 0x010000;

/** The pictures behind the first one. */
function listedPictures(bytes: Buffer): readonly Listed[] {
  const start = startOfList(bytes);
  if (start === null) return [];
  const length = bytes.readUInt16BE(start - LIST.length - 2);
  const list = bytes.subarray(start, start - LIST.length - 2 + length);
  const directory = readFirstDirectory(list);
  if (typeof directory === 'string') return [];
  const entries = directory.bytes(ENTRIES);
  const isLittle = list[0] === 0x49;
  const read = (at: number): number =>
    isLittle ? entries.readUInt32LE(at) : entries.readUInt32BE(at);
  const pictures: Listed[] = [];
  for (let at = 0; at + ENTRY_BYTES <= entries.length; at += ENTRY_BYTES) {
    const [attribute, size, offset] = [read(at), read(at + 4), read(at + 8)];
    // The first picture has the offset 0.
    if (offset === 0 || size === 0) continue;
    pictures.push({ end: start + offset + size, isPreview: isLargeThumbnail(attribute) });
  }
  return pictures;
}

/** The offset of the TIFF structure from which the offsets of pictures count; null without one. */
function startOfList(bytes: Buffer): number | null {
  let offset = 2;
  while (offset + 4 <= bytes.length && bytes[offset] === MARKER) {
    const marker = bytes.readUInt8(offset + 1);
    if ((marker < APP0 || marker > APP15) && marker !== COM) return null;
    const begin = offset + 4;
    const isList = marker === APP2 && bytes.subarray(begin, begin + LIST.length).equals(LIST);
    if (isList) return begin + LIST.length;
    offset += 2 + bytes.readUInt16BE(offset + 2);
  }
  return null;
}

const START = Buffer.from([MARKER, SOI, MARKER]);

/** Counts the whole pictures that follow the first one, with any bytes between them. */
function picturesBehindFirst(bytes: Buffer): { readonly count: number; readonly isCut: boolean } {
  let end = findJpegEnd(bytes) ?? bytes.length;
  let count = 0;
  for (;;) {
    const start = bytes.indexOf(START, end);
    if (start === -1) return { count, isCut: false };
    const length = findJpegEnd(bytes.subarray(start));
    if (length === null) return { count, isCut: true };
    end = start + length;
    count += 1;
  }
}
