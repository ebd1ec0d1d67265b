/** The images of the table: good ones, unusual ones, and files that only look like images. */
import sharp from 'sharp';
import { picture } from '../helpers/images/images';
import { blackPng } from '../helpers/images/png';

export type SampleImages = Awaited<ReturnType<typeof makeSampleImages>>;

const FRAMES = 12;

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A graphic control extension, and a frame of one pixel. */
const FRAME = latin1(
  '\x21\xf9\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00',
);

export async function makeSampleImages() {
  const jpeg = await picture('jpeg');
  const pixels = sharp(await picture('png', { seed: 3 }));
  const tall = await picture('png', { seed: 4, size: 8 * FRAMES });
  const frames = { raw: { width: 96, height: 96, channels: 3 as const, pageHeight: 8 } };
  const animation = sharp(await sharp(tall).raw().toBuffer(), frames);
  return {
    jpeg,
    /** The good images beside each case. */
    neighbours: [await picture('jpeg', { seed: 8 }), await picture('png', { seed: 9 })] as const,
    progressive: await picture('jpeg', { progressive: true }),
    png: await picture('png'),
    /** Much larger than a socket's buffer. */
    large: await picture('png', { size: 700 }),
    cmyk: await pixels.clone().toColourspace('cmyk').jpeg().toBuffer(),
    profile: await pixels.clone().withIccProfile('p3').jpeg().toBuffer(),
    deep: await pixels.clone().toColourspace('rgb16').png().toBuffer(),
    tiff: await pixels.clone().tiff({ compression: 'none' }).toBuffer(),
    bigTiff: await pixels.clone().tiff({ compression: 'deflate', bigtiff: true }).toBuffer(),
    gif: await pixels.clone().gif().toBuffer(),
    webp: await pixels.clone().webp().toBuffer(),
    webpLossless: await pixels.clone().webp({ lossless: true }).toBuffer(),
    avif: await pixels.clone().avif({ effort: 0 }).toBuffer(),
    oneBit: blackPng(40, 30),
    animatedGif: await animation.clone().gif({ loop: 0 }).toBuffer(),
    animatedWebp: await animation.clone().webp({ loop: 0 }).toBuffer(),
    manyFrames: manyFrames(10_000),
    hugeFrames: manyFrames(10_000, 65_535),
    manyFramesWebp: repeatFrame(await blink().webp({ loop: 0 }).toBuffer(), 10_000),
    pixels256: blackPng(16_000, 16_000),
    pixels900: blackPng(30_000, 30_000),
  };
}

/**
 * A GIF with many frames of one pixel, or with many frames behind a larger one.
 *
 * @see GIF89a
 */
function manyFrames(count: number, side = 1): Buffer {
  const header = latin1('GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff');
  const frame = Buffer.from(FRAME);
  frame.writeUInt16LE(side, 13);
  frame.writeUInt16LE(side, 15);
  const first = side === 1 ? Buffer.alloc(0) : FRAME;
  return Buffer.concat([header, first, ...new Array<Buffer>(count).fill(frame), latin1(';')]);
}

/** Two frames, black and white. */
function blink(): sharp.Sharp {
  const pixels = Buffer.alloc(3 * 8 * 16).fill(255, 3 * 8 * 8);
  return sharp(pixels, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } });
}

/**
 * Repeats the frame of an animated WebP.
 *
 * @see the WebP container: a frame is a chunk of an animation
 */
function repeatFrame(webp: Buffer, count: number): Buffer {
  const at = webp.indexOf('ANMF');
  const frame = webp.subarray(at, at + 8 + 2 * Math.ceil(webp.readUInt32LE(at + 4) / 2));
  const whole = Buffer.concat([webp.subarray(0, at), ...new Array<Buffer>(count).fill(frame)]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}
