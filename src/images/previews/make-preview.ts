/** Makes a small picture of one file. Only runs in a limited process. */
import fs from 'node:fs';
import sharp from 'sharp';
import { decoderError } from '../decoder-error';
import type { MadePreview, PreviewRequest } from './preview-pool';

/** Images with more pixels get no preview. It is the largest number that downloads accept. */
const MOST_PIXELS = 100_000_000;

/** At this quality a small picture looks like the original, in a tenth of its bytes. */
const QUALITY = 75;

/** Never throws: a file that cannot be decoded is a result. */
export async function makePreview({ file, target, side }: PreviewRequest): Promise<MadePreview> {
  try {
    // Reading by a name that is a link would read another file than the one that was looked at.
    const flags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW;
    const descriptor = fs.openSync(file, flags);
    const bytes = fs.readFileSync(descriptor);
    fs.closeSync(descriptor);
    const preview = await sharp(bytes, {
      failOn: 'none',
      limitInputPixels: MOST_PIXELS,
      sequentialRead: true,
    })
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .webp({ quality: QUALITY, effort: 2 })
      .toBuffer();
    fs.writeFileSync(target, preview, { flag: 'wx' });
    return { bytes: preview.byteLength, problem: null };
  } catch (error) {
    return { bytes: 0, problem: decoderError(error).detail };
  }
}
