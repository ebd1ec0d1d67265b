/** Checks the application segments that decide how a decoder interprets colours. */
import { unknownKind } from '../walk-result';
import { APP0, APP14 } from './markers';

/**
 * Ends the walk as unknown for versions and transforms about which decoders warn.
 *
 * @see JFIF 1.02; libjpeg, jdmarker.c and jdapimin.c.
 */
export function checkColours(kind: number, segment: Buffer): void {
  const text = segment.toString('latin1', 0, 5);
  if (kind === APP0 && text === 'JFIF\0' && segment.length >= 14 && segment[5] !== 1) {
    unknownKind('a JFIF of an unknown version');
  }
  if (kind === APP14 && text === 'Adobe' && segment.length >= 12 && (segment[11] ?? 0) > 1) {
    unknownKind('an unknown colour transform');
  }
}
