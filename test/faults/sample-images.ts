/** The images of the table: good ones, odd ones, and what only looks like one. */
import sharp from 'sharp';
import { picture } from '../helpers/images';
import { blackPng } from '../helpers/png';

export type SampleImages = Awaited<ReturnType<typeof makeSampleImages>>;

const FRAMES = 12;

export async function makeSampleImages() {
  const jpeg = await picture('jpeg');
  const pixels = sharp(await picture('png', { seed: 3 }));
  const tall = await picture('png', { seed: 4, size: 8 * FRAMES });
  const frames = { raw: { width: 96, height: 96, channels: 3 as const, pageHeight: 8 } };
  const animation = sharp(await sharp(tall).raw().toBuffer(), frames);
  return {
    jpeg,
    /** The neighbours of each case. */
    neighbours: [await picture('jpeg', { seed: 8 }), await picture('png', { seed: 9 })] as const,
    progressive: await picture('jpeg', { progressive: true }),
    png: await picture('png'),
    /** Much more than a socket's buffer takes. */
    large: await picture('png', { size: 700 }),
    cmyk: await pixels.clone().toColourspace('cmyk').jpeg().toBuffer(),
    profile: await pixels.clone().withIccProfile('p3').jpeg().toBuffer(),
    deep: await pixels.clone().toColourspace('rgb16').png().toBuffer(),
    oneBit: blackPng(40, 30),
    animatedGif: await animation.clone().gif({ loop: 0 }).toBuffer(),
    animatedWebp: await animation.clone().webp({ loop: 0 }).toBuffer(),
    manyFrames: manyFrames(10_000),
    pixels256: blackPng(16_000, 16_000),
    pixels900: blackPng(30_000, 30_000),
  };
}

/** **Source** GIF89a: a frame of one pixel, again and again. */
function manyFrames(count: number): Buffer {
  const header = Buffer.from(
    'GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff',
    'latin1',
  );
  const frame = Buffer.from(
    '\x21\xf9\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00',
    'latin1',
  );
  return Buffer.concat([header, ...Array.from({ length: count }, () => frame), Buffer.from(';')]);
}
