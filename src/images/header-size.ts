/** Reads width and height from the first bytes, for formats that have them at a fixed offset. */
import type { ImageFormat } from './image-signature';

/** Width and height in pixels; null if reading them requires a parser. */
export interface HeaderSize {
  readonly width: number | null;
  readonly height: number | null;
}

const UNKNOWN: HeaderSize = { width: null, height: null };

/** @see PNG (ISO/IEC 15948), section 11.2.2 (IHDR); GIF89a, section 18 (logical screen). */
export function headerSize(format: ImageFormat, head: Buffer): HeaderSize {
  if (format === 'png' && head.toString('latin1', 12, 16) === 'IHDR' && head.length >= 24) {
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  }
  if (format === 'gif' && head.length >= 10) {
    return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  }
  return UNKNOWN;
}
