/** Looks only whether a JPEG has its end, however damaged it is: sharp accepts a progressive one that was cut at a scan boundary. */
import { EOI, MARKER, RST0, SOI, SOS, TEM } from './markers';

/** Markers without a length: TEM, RST0–RST7, SOI. */
function standsAlone(marker: number): boolean {
  return marker === TEM || (marker >= RST0 && marker <= SOI);
}

/**
 * The offset after EOI; null: there is none. Walks the marker segments (thumbnails inside EXIF segments have an EOI of their own, so searching for one is not enough).
 *
 * **Source** ITU-T T.81 B.1.1: segments carry their length; entropy-coded data runs to the next marker that is no RST or stuffing.
 */
export function jpegEnd(bytes: Buffer): number | null {
  let at = 0;
  while (at + 1 < bytes.length) {
    const next = bytes.indexOf(MARKER, at);
    if (next === -1 || next + 1 >= bytes.length) return null;
    const marker = bytes[next + 1] ?? 0;
    if (marker === EOI) return next + 2;
    at = afterMarker(bytes, next, marker);
  }
  return null;
}

function afterMarker(bytes: Buffer, at: number, marker: number): number {
  // Fill bytes and stuffed zeros: go on searching behind them.
  if (marker === MARKER) return at + 1;
  if (marker === 0x00 || standsAlone(marker)) return at + 2;
  if (at + 4 > bytes.length) return bytes.length;
  const segment = at + 2 + bytes.readUInt16BE(at + 2);
  return marker === SOS ? afterScan(bytes, segment) : segment;
}

/** To the marker that ends the scan's entropy-coded data. */
function afterScan(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(MARKER, from);
  while (at !== -1 && at + 1 < bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (marker !== 0x00 && marker !== MARKER && !(marker >= RST0 && marker < SOI)) return at;
    at = bytes.indexOf(MARKER, at + (marker === MARKER ? 1 : 2));
  }
  return bytes.length;
}
