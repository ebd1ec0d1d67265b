/** Images whose numbers lie and whose parts are gone, doubled or elsewhere: one seed each. */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { ImageFormat } from '../../../src/images/image-signature';
import { createRandom, pick, type Random } from '../random';
import { structureOf, type Field } from './fields';

export interface Seedling {
  readonly format: ImageFormat;
  readonly bytes: Buffer;
}

const SIDE = 48;
const FRAMES = 3;

/** Two kinds of each format, animations among them. */
export async function seedlings(): Promise<readonly Seedling[]> {
  const random = createRandom(11);
  const pixels = Buffer.from(Array.from({ length: SIDE * SIDE * FRAMES * 3 }, () => random(256)));
  const size = { width: SIDE, channels: 3 as const };
  const still = (): sharp.Sharp => sharp(pixels, { raw: { ...size, height: SIDE } });
  const moving = (): sharp.Sharp =>
    sharp(pixels, { raw: { ...size, height: SIDE * FRAMES, pageHeight: SIDE } });
  const made: Readonly<Record<ImageFormat, readonly sharp.Sharp[]>> = {
    jpeg: [still().jpeg(), still().jpeg({ progressive: true })],
    png: [still().png(), still().png({ palette: true, progressive: true })],
    gif: [still().gif(), moving().gif({ loop: 0 })],
    webp: [still().webp({ lossless: true }), moving().webp({ loop: 0 })],
    tiff: [still().tiff({ compression: 'lzw', predictor: 'none' }), still().tiff({ tile: true })],
    avif: [still().avif({ effort: 0 }), still().avif({ effort: 0, chromaSubsampling: '4:2:0' })],
  };
  const all = Object.entries(made) as [ImageFormat, readonly sharp.Sharp[]][];
  return Promise.all(
    all.flatMap(([format, images]) =>
      images.map(async (image) => ({ format, bytes: await image.toBuffer() })),
    ),
  );
}

/** Two lies at most, half of the time a part elsewhere, and checksums that agree with them: what is caught at the door tells nothing of the decoder. */
export function hostile({ format, bytes: whole }: Seedling, random: Random): Buffer {
  const { fields, parts } = structureOf(format, whole);
  const bytes = Buffer.from(whole);
  for (let left = random(3); left > 0; left -= 1) lie(bytes, pick(random, fields), random);
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

function lie(bytes: Buffer, { at, size, isLittle }: Field, random: Random): void {
  const most = 2 ** (8 * size) - 1;
  const was = isLittle ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  const near = [was + 1, was - 1, was * 2, was ^ (1 << random(8))];
  const far = [0, 1, most, most >>> 1, most - 1, random(most), bytes.length, 9_000];
  const value = pick(random, [...near, ...far]);
  const kept = Math.min(most, Math.max(0, value));
  if (isLittle) bytes.writeUIntLE(kept, at, size);
  else bytes.writeUIntBE(kept, at, size);
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
