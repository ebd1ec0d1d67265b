/** Deflated pixels of a TIFF that have changed are never valid. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodeImage } from '../../src/images/decode-image';
import { hasWrongChecksum } from '../../src/images/tiff/has-wrong-checksum';
import { readFirstDirectory, TIFF_TAG } from '../../src/images/tiff/read-directories';
import { picture } from '../helpers/images/images';
import { stripOf, stripTags, tiffOf, type TiffTag } from '../helpers/images/tiff';

const COMPRESSION = 259;
const BYTE_COUNTS = 279;
const GREY = 1;

function withByte(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x10, at);
  return copy;
}

function deflatedTiff(compression: number): Buffer {
  const data = deflateSync(stripOf([8]));
  const changed = new Map<number, number>([
    [COMPRESSION, compression],
    [BYTE_COUNTS, data.length],
  ]);
  const tags = stripTags([8], GREY).map(([tag, value]): TiffTag => [
    tag,
    changed.get(tag) ?? value,
  ]);
  return tiffOf({ tags, data });
}

it.each([8, 32_946])(
  'finds the wrong checksum of a strip with compression %i',
  async (compression) => {
    const tiff = deflatedTiff(compression);
    expect(await hasWrongChecksum(tiff)).toBe(false);
    expect(await hasWrongChecksum(withByte(tiff, tiff.length - 1))).toBe(true);
  },
);

it.each([
  ['of another compression', (tiff: Buffer) => withByte(tiff, tiff.length - 1), 5],
  ['that is cut', (tiff: Buffer) => tiff.subarray(0, -2), 8],
  ['of noise', () => Buffer.from(`II*\0${'\x07'.repeat(200)}`), 8],
])('says nothing about a TIFF %s', async (_what, damage, compression) => {
  expect(await hasWrongChecksum(damage(deflatedTiff(compression)))).toBe(false);
});

it('a TIFF of deflated tiles with another byte in any of them is not valid', async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-tiles-')), 'image');
  const check = async (bytes: Buffer): Promise<string> => {
    fs.writeFileSync(file, bytes);
    const request = { path: file, format: 'tiff', extension: 'tif', pixels: 100_000 } as const;
    const found = await decodeImage(request);
    return found.ok ? found.verdict : found.code;
  };
  const pixels = sharp(await picture('png', { size: 90 }));
  const tiles = { tile: true, tileWidth: 32, tileHeight: 32 };
  const tiff = await pixels.tiff({ compression: 'deflate', ...tiles }).toBuffer();
  expect(await check(tiff)).toBe('valid');
  const directory = readFirstDirectory(tiff);
  if (typeof directory === 'string') throw new Error(directory);
  const lengths = directory.numbers(TIFF_TAG.tileByteCounts);
  const verdicts = new Set<string>();
  for (const [index, offset] of directory.numbers(TIFF_TAG.tileOffsets).entries())
    verdicts.add(await check(withByte(tiff, offset + Math.floor((lengths[index] ?? 0) / 2))));
  fs.rmSync(path.dirname(file), { recursive: true });
  expect([...verdicts].filter((one) => one === 'valid')).toEqual([]);
});
