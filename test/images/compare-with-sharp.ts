/** Compares the results of the walk and of sharp for the same bytes. */
import sharp from 'sharp';
import type { ImageFormat } from '../../src/images/image-signature';
import { walkImage } from '../../src/images/walk-image';
import type { Walk } from '../../src/images/walk-result';

export const MOST_PIXELS = 100_000_000;

export function walkOf(format: ImageFormat, bytes: Buffer, pixels = MOST_PIXELS): Walk {
  return walkImage({ path: '', extension: '', format, pixels }, bytes);
}

/** The error of sharp in its strictest mode; null if it accepts the image. */
export async function complaintOf(bytes: Buffer): Promise<string | null> {
  const image = sharp(bytes, { failOn: 'warning', limitInputPixels: MOST_PIXELS });
  try {
    const { width, height } = await image.metadata();
    if (width * height > 4_000_000) await image.stats();
    else await image.raw().toBuffer();
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

/** The error of sharp if the walk calls the image good but sharp refuses it; otherwise null. */
export async function looseness(format: ImageFormat, bytes: Buffer): Promise<string | null> {
  return walkOf(format, bytes).state === 'good' ? complaintOf(bytes) : null;
}
