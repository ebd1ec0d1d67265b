/** Real images, created by sharp. */
import sharp from 'sharp';
import { seededNumbers } from '../seeded-random';

export type Format = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif';

/** An image of noise, which does not compress well, from a fixed seed. `size` is in pixels. */
export async function picture(
  format: Format,
  options: { readonly seed?: number; readonly size?: number; readonly progressive?: boolean } = {},
): Promise<Buffer> {
  const { seed = 1, size = 48, progressive = false } = options;
  const pixels = Buffer.alloc(size * size * 3);
  const next = seededNumbers(seed);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = (next() >>> 8) & 0xff;
  const image = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
  return image.toFormat(format, format === 'jpeg' ? { progressive } : {}).toBuffer();
}
