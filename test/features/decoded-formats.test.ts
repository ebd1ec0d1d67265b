/**
 * Features and inputs of models of one picture in several formats, which decoders make smaller in
 * ways of their own.
 */
import sharp from 'sharp';
import { computeFeatures } from '../../src/features/compute-features';
import { onWhite } from '../../src/features/pixels';
import { decodeFittedPixels, decodePixels } from '../../src/images/decode-pixels';
import { seededNumbers } from '../helpers/seeded-random';

const SIDE = 512;

/** Noise with detail of many sizes, and edges. */
function picture(width: number): sharp.Sharp {
  const height = Math.round(width * 0.75);
  const next = seededNumbers(width);
  const data = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      data.fill(
        ((x >> 5) % 2 === (y >> 6) % 2 ? 60 : 140) + (next() % 64),
        3 * (y * width + x),
        3 * (y * width + x + 1),
      );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function sharpnessOf(file: Buffer): Promise<number> {
  const decoded = await decodePixels(file, { side: SIDE, pixels: 1e8 });
  if (!decoded.ok) throw new Error(decoded.detail);
  return computeFeatures(onWhite(decoded.data, decoded), () => new Uint8Array(0)).sharpness;
}

it.each([600, 1_600])(
  'a picture %i pixels wide is as sharp in WebP and JPEG as in PNG',
  async (width) => {
    const drawn = picture(width);
    const png = await sharpnessOf(await drawn.clone().png({ compressionLevel: 1 }).toBuffer());
    const others = await Promise.all([
      sharpnessOf(await drawn.clone().webp({ lossless: true, effort: 0 }).toBuffer()),
      sharpnessOf(await drawn.clone().webp({ quality: 95, effort: 0 }).toBuffer()),
      sharpnessOf(await drawn.clone().jpeg({ quality: 98 }).toBuffer()),
    ]);
    for (const other of others) {
      expect(other / png).toBeGreaterThan(0.93);
      expect(other / png).toBeLessThan(1.07);
    }
  },
);

describe.each(['crop', 'stretch'] as const)('the input of a model (%s)', (fit) => {
  async function inputOf(image: sharp.Sharp): Promise<Uint8Array> {
    const size = { width: 224, height: 224, fit, pixels: 1e8 };
    const decoded = await decodeFittedPixels(await image.toBuffer(), size);
    if (!decoded.ok) throw new Error(decoded.detail);
    return decoded.data;
  }

  it.each([300, 600, 1_600])(
    'of a picture %i pixels wide is the same in WebP and JPEG as in PNG',
    async (width) => {
      const drawn = picture(width);
      const png = await inputOf(drawn.clone().png({ compressionLevel: 1 }));
      const lossless = await inputOf(drawn.clone().webp({ lossless: true, effort: 0 }));
      expect(meanDifference(lossless, png)).toBe(0);
      const webp = await inputOf(drawn.clone().webp({ quality: 95, effort: 0 }));
      const jpeg = await inputOf(drawn.clone().jpeg({ quality: 98 }));
      for (const lossy of [webp, jpeg]) expect(meanDifference(lossy, png)).toBeLessThan(1.6);
    },
  );
});

/** The root of the mean square of differences, of 255. */
function meanDifference(one: Uint8Array, other: Uint8Array): number {
  const sum = one.reduce((squares, value, at) => squares + (value - (other[at] ?? 0)) ** 2, 0);
  return Math.sqrt(sum / one.length);
}
