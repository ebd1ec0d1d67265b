/** Names processes of JPEG that the decoder does not know. */
import { MARKER, SOI, SOS } from './markers';

/** The number of bytes of a frame header without its components. */
const FRAME_BYTES = 8;

/** @see ITU-T T.81, table B.1 (DHP); ITU-T T.87, annex C.1.1 (SOF55). */
const RARE_PROCESSES: Readonly<Record<number, string>> = {
  0xde: 'a hierarchical JPEG',
  0xf7: 'JPEG-LS',
};

/**
 * Returns the name of the process; null for one that the decoder knows, and where the segments
 * before the first scan are not whole.
 */
export function rareProcess(bytes: Buffer): string | null {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) return null;
  let offset = 2;
  while (offset + 4 <= bytes.length && bytes[offset] === MARKER) {
    const marker = bytes.readUInt8(offset + 1);
    if (marker === MARKER) {
      offset += 1;
      continue;
    }
    const length = bytes.readUInt16BE(offset + 2);
    const name = RARE_PROCESSES[marker];
    if (name !== undefined) return isFrame(bytes, offset + 2, length) ? name : null;
    if (marker === SOS || length < 2) return null;
    offset += 2 + length;
  }
  return null;
}

/** Whether the length is that of a frame header with its number of components. */
function isFrame(bytes: Buffer, start: number, length: number): boolean {
  if (start + length > bytes.length || length < FRAME_BYTES) return false;
  return length === FRAME_BYTES + 3 * bytes.readUInt8(start + 7);
}
