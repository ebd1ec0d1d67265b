/**
 * The second bytes of JPEG markers, and how to get from one marker to the next.
 *
 * @see ITU-T T.81, table B.1.
 */
import { doubt, refuseWalk } from '../walk-result';

export const MARKER = 0xff;
export const TEM = 0x01;
export const SOF0 = 0xc0;
export const SOF1 = 0xc1;
export const SOF2 = 0xc2;
export const DHT = 0xc4;
export const RST0 = 0xd0;
export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;
export const DQT = 0xdb;
export const DRI = 0xdd;
export const APP0 = 0xe0;
export const APP14 = 0xee;
export const APP15 = 0xef;
export const COM = 0xfe;

/**
 * The offset of the second byte of the marker that begins at `offset`. Any number of fill bytes may
 * precede that byte.
 */
export function markerAt(bytes: Uint8Array, offset: number): number {
  if (offset >= bytes.length) refuseWalk('truncated', 'the JPEG has no end (EOI)');
  if (bytes[offset] !== MARKER) doubt(`no marker at byte ${offset}`);
  let next = offset + 1;
  while (bytes[next] === MARKER) next += 1;
  if (next >= bytes.length) refuseWalk('truncated', 'the JPEG has no end (EOI)');
  if (bytes[next] === 0) doubt(`a stuffed byte outside of a scan at byte ${offset}`);
  return next;
}

/**
 * The contents of the segment whose length is at `offset`.
 *
 * @see ITU-T T.81, B.1.1.4.
 */
export function segmentAt(bytes: Buffer, offset: number): Buffer {
  if (offset + 2 > bytes.length) refuseWalk('truncated', 'the JPEG has no end (EOI)');
  const length = bytes.readUInt16BE(offset);
  if (length < 2) doubt(`a segment of ${length} bytes at byte ${offset}`);
  if (offset + length > bytes.length) refuseWalk('truncated', 'the JPEG ends inside a segment');
  return bytes.subarray(offset + 2, offset + length);
}
