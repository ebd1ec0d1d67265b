/** Checks the application segments that decide how a decoder interprets colours. */
import { unknownKind } from '../walk-result';
import { APP0, APP14 } from './markers';

/**
 * Ends the walk as unknown for a version of JFIF about which decoders warn.
 *
 * @returns Adobe's colour transform; null for a segment without one.
 * @see JFIF 1.02; libjpeg, jdmarker.c.
 */
export function readColours(kind: number, segment: Buffer): number | null {
  const text = segment.toString('latin1', 0, 5);
  if (kind === APP0 && text === 'JFIF\0' && segment.length >= 14 && segment[5] !== 1) {
    unknownKind('a JFIF of an unknown version');
  }
  const isAdobe = kind === APP14 && text === 'Adobe' && segment.length >= 12;
  return isAdobe ? segment.readUInt8(11) : null;
}

/**
 * Ends the walk as unknown for a colour transform about which decoders warn.
 *
 * @see libjpeg, jdapimin.c.
 */
export function checkTransform(transform: number | null, componentCount: number): void {
  // CMYK or YCCK, and otherwise RGB or YCbCr.
  const known = componentCount === 4 ? [0, 2] : [0, 1];
  if (transform !== null && !known.includes(transform)) unknownKind('an unknown colour transform');
}
