/** Makes a small picture of one file. Only runs in a limited process. */
import fs from 'node:fs';
import { decoderError } from '../decoder-error';
import { reducedImage } from '../decode-pixels';
import type { MadePreview, PreviewRequest } from './preview-pool';

/** Images with more pixels get no preview. It is the largest number that downloads accept. */
const MOST_PIXELS = 100_000_000;

/** At this quality a small picture looks like the original, in a tenth of its bytes. */
const QUALITY = 75;

/** Never throws: a file that cannot be decoded is a result. */
export async function makePreview({ file, target, side }: PreviewRequest): Promise<MadePreview> {
  try {
    const bytes = readUnlinked(file);
    const preview = await reducedImage(bytes, { side, pixels: MOST_PIXELS, isQuick: true })
      .webp({ quality: QUALITY, effort: 2 })
      .toBuffer();
    fs.writeFileSync(target, preview, { flag: 'wx' });
    return { bytes: preview.byteLength, problem: null };
  } catch (error) {
    return { bytes: 0, problem: decoderError(error).detail };
  }
}

/** By a name that is a link, another file would be read than the one that was looked at. */
function readUnlinked(file: string): Buffer {
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    return fs.readFileSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
