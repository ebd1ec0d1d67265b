/** What an image file says of itself, as bytes. Only runs in a limited process. */
import sharp from 'sharp';

/** Each block as the file contains it; null where it has none. */
export interface MetadataBlocks {
  /** A TIFF structure that may begin with `Exif\0\0`. */
  readonly exif: Buffer | null;
  /** XML. */
  readonly xmp: Buffer | null;
  /** Datasets of IPTC-IIM, in JPEG files within Photoshop's resources. */
  readonly iptc: Buffer | null;
}

const NONE: MetadataBlocks = { exif: null, xmp: null, iptc: null };

/** Never rejects: a file that cannot be read has none. `pixels` is the largest accepted number. */
export async function readMetadataBlocks(
  bytes: Buffer,
  { pixels }: { readonly pixels: number },
): Promise<MetadataBlocks> {
  try {
    const image = sharp(bytes, { failOn: 'none', limitInputPixels: pixels });
    const { exif = null, xmp = null, iptc = null } = await image.metadata();
    return { exif, xmp, iptc };
  } catch {
    return NONE;
  }
}
