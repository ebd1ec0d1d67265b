/**
 * Creates images with false numbers and with parts that are removed, repeated or moved, each
 * reproducible by a seed.
 */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { ImageFormat } from '../../../src/images/image-signature';
import { createRandom, pick, type Random } from '../random';
import { structureOf, type Field } from './image-structure';

export interface SeedImage {
  readonly format: ImageFormat;
  readonly bytes: Buffer;
}

const SIDE = 48;
const FRAMES = 3;

/** Creates two kinds of images of each format, including animations. */
export async function createSeedImages(): Promise<readonly SeedImage[]> {
  const random = createRandom(11);
  const pixels = Buffer.from(Array.from({ length: SIDE * SIDE * FRAMES * 3 }, () => random(256)));
  const size = { width: SIDE, channels: 3 as const };
  const createStill = (): sharp.Sharp => sharp(pixels, { raw: { ...size, height: SIDE } });
  const createAnimation = (): sharp.Sharp =>
    sharp(pixels, { raw: { ...size, height: SIDE * FRAMES, pageHeight: SIDE } });
  const made: Readonly<Record<ImageFormat, readonly sharp.Sharp[]>> = {
    jpeg: [createStill().jpeg(), createStill().jpeg({ progressive: true })],
    png: [createStill().png(), createStill().png({ palette: true, progressive: true })],
    gif: [createStill().gif(), createAnimation().gif({ loop: 0 })],
    webp: [createStill().webp({ lossless: true }), createAnimation().webp({ loop: 0 })],
    tiff: [
      createStill().tiff({ compression: 'lzw', predictor: 'none' }),
      createStill().tiff({ tile: true }),
    ],
    avif: [
      createStill().avif({ effort: 0 }),
      createStill().avif({ effort: 0, chromaSubsampling: '4:2:0' }),
    ],
  };
  const all = Object.entries(made) as [ImageFormat, readonly sharp.Sharp[]][];
  return Promise.all(
    all.flatMap(([format, images]) =>
      images.map(async (image) => ({ format, bytes: await image.toBuffer() })),
    ),
  );
}

/**
 * Replaces up to two numbers, changes the parts of half of the images, and recomputes checksums, so
 * that decoders do not refuse an image by these.
 */
export function createHostileImage({ format, bytes: whole }: SeedImage, random: Random): Buffer {
  const { fields, parts } = structureOf(format, whole);
  const bytes = Buffer.from(whole);
  for (let left = random(3); left > 0; left -= 1) falsifyField(bytes, pick(random, fields), random);
  const { from, to } = pick(random, parts);
  const part = bytes.subarray(from, to);
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(to)];
  const moved = [
    () => bytes,
    () => Buffer.concat([before, part, part, after]),
    () => Buffer.concat([before, after]),
    () => Buffer.concat([before, after, part]),
    () => Buffer.concat([before, ...new Array<Buffer>(200).fill(part), after]),
  ];
  const made = (random(2) === 0 ? bytes : pick(random, moved)()).subarray(0, 2_000_000);
  return format === 'png' ? withChecksums(made) : made;
}

function falsifyField(bytes: Buffer, { at, size, isLittle }: Field, random: Random): void {
  const most = 2 ** (8 * size) - 1;
  const was = isLittle ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  const nearValues = [was + 1, was - 1, was * 2, was ^ (1 << random(8))];
  const farValues = [0, 1, most, most >>> 1, most - 1, random(most), bytes.length, 9_000];
  const value = pick(random, [...nearValues, ...farValues]);
  const written = Math.min(most, Math.max(0, value));
  if (isLittle) bytes.writeUIntLE(written, at, size);
  else bytes.writeUIntBE(written, at, size);
}

function withChecksums(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.length;) {
    const to = at + 8 + bytes.readUInt32BE(at);
    if (to + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, to)), to);
    at = to + 4;
  }
  return bytes;
}
