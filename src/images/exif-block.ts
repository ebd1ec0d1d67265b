/** The EXIF of an image, as bytes. Only runs in a limited process. */
import sharp from 'sharp';

/**
 * Returns the block as the file contains it, a TIFF structure that may begin with `Exif\0\0`; null
 * for a file without one, and for one that cannot be read. `pixels` is the largest number that is
 * accepted.
 */
export async function readExifBlock(
  bytes: Buffer,
  { pixels }: { readonly pixels: number },
): Promise<Buffer | null> {
  try {
    const { exif } = await sharp(bytes, { failOn: 'none', limitInputPixels: pixels }).metadata();
    return exif ?? null;
  } catch {
    return null;
  }
}
