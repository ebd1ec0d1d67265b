/**
 * Finds the end of a JPEG, however damaged it is, because sharp accepts a progressive JPEG that was
 * cut at a scan boundary.
 */
import { EOI, MARKER, RST0, SOI, SOS, TEM } from './markers';

/** Whether a marker has no length: TEM, RST0–RST7, SOI. */
function hasNoLength(marker: number): boolean {
  return marker === TEM || (marker >= RST0 && marker <= SOI);
}

/**
 * Returns the offset after EOI, or null without one. Walks the marker segments, because searching
 * for EOI would find those of thumbnails inside EXIF segments.
 *
 * @see ITU-T T.81, B.1.1: segments carry their length; entropy-coded data ends at the next marker
 * that is neither RST nor a stuffed byte.
 */
export function findJpegEnd(bytes: Buffer): number | null {
  let offset = 0;
  let isJpegLs = false;
  while (offset + 1 < bytes.length) {
    const next = bytes.indexOf(MARKER, offset);
    if (next === -1 || next + 1 >= bytes.length) return null;
    const marker = bytes[next + 1] ?? 0;
    if (marker === EOI) return next + 2;
    isJpegLs ||= marker === SOF55;
    offset = offsetAfterMarker(bytes, next, marker, isJpegLs);
  }
  return null;
}

function offsetAfterMarker(
  bytes: Buffer,
  offset: number,
  marker: number,
  isJpegLs: boolean,
): number {
  // Skips fill bytes and stuffed zeros.
  if (marker === MARKER) return offset + 1;
  if (marker === 0x00 || hasNoLength(marker)) return offset + 2;
  if (offset + 4 > bytes.length) return bytes.length;
  const segment = offset + 2 + bytes.readUInt16BE(offset + 2);
  return marker === SOS ? offsetAfterScan(bytes, segment, isJpegLs) : segment;
}

/** The frame header of JPEG-LS. */
const SOF55 = 0xf7;

/** In the data of JPEG-LS, a zero bit follows 0xff, where other JPEGs have a zero byte. */
const LOWEST_MARKER_OF_JPEG_LS = 0x80;

/**
 * The offset of the marker that ends the entropy-coded data of the scan.
 *
 * @see ITU-T T.87, annex A.1 (bit stuffing).
 */
function offsetAfterScan(bytes: Buffer, from: number, isJpegLs: boolean): number {
  let offset = bytes.indexOf(MARKER, from);
  while (offset !== -1 && offset + 1 < bytes.length) {
    const marker = bytes[offset + 1] ?? 0;
    const isData = marker === 0x00 || (isJpegLs && marker < LOWEST_MARKER_OF_JPEG_LS);
    if (!isData && marker !== MARKER && !(marker >= RST0 && marker < SOI)) return offset;
    offset = bytes.indexOf(MARKER, offset + (marker === MARKER ? 1 : 2));
  }
  return bytes.length;
}
