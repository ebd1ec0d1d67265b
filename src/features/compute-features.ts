/** Computes all features of the pixels of one image. */
import type { PixelFeatures } from '../contract/features/feature';
import { colourWord } from './colour/colour-word';
import { oklabOf } from './colour/oklab';
import { paletteOf } from './colour/palette';
import { lookOf } from './look';
import { hashText } from './pdq/hash-text';
import { pdqHash } from './pdq/pdq-hash';
import { pixelStatistics } from './pixel-statistics';
import type { Pixels } from './pixels';
import { placeholderOf, type EncodeThumbHash } from './placeholder';
import { rounded } from './rounded';
import { sharpness } from './sharpness';
import { uniformBorder } from './uniform-border';

/** Equal pixels give equal features, on every machine. */
export function computeFeatures(pixels: Pixels, encode: EncodeThumbHash): PixelFeatures {
  const { width, height } = pixels;
  const { luma, grid, ...statistics } = pixelStatistics(pixels);
  const laplacian = sharpness(luma, width, height);
  // From here on `luma` is blurred.
  const hash = pdqHash(luma, width, height);
  const lab = oklabOf(grid);
  const palette = paletteOf(lab);
  return {
    phash: hashText(hash.phash),
    pdq: hashText(hash.pdq),
    pdqQuality: hash.quality,
    brightness: rounded(statistics.brightness, 4),
    contrast: rounded(statistics.contrast, 4),
    entropy: rounded(statistics.entropy, 3),
    sharpness: rounded(laplacian, 2),
    colourfulness: rounded(statistics.colourfulness, 2),
    grey: rounded(statistics.grey, 4),
    transparent: rounded(pixels.transparent, 4),
    border: rounded(uniformBorder(pixels), 4),
    palette,
    colour: colourWord(palette),
    placeholder: placeholderOf(grid, pixels, encode),
    look: Buffer.from(lookOf(lab).buffer).toString('base64'),
  };
}
