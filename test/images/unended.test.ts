/** Images that have every pixel but no end mark. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { decodeImage } from '../../src/images/decode-image';
import type { ImageCheck } from '../../src/images/image-check';
import { goodImages, type GoodImage } from './good-images';
import { walkOf } from './compare-with-sharp';

let folder: string;
let images: readonly GoodImage[];
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-unended-'));
  images = await goodImages(17);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

async function checkOf({ format }: GoodImage, bytes: Buffer): Promise<ImageCheck> {
  const file = path.join(folder, 'image');
  fs.writeFileSync(file, bytes);
  return decodeImage({ path: file, format, extension: format, pixels: 1_000_000 });
}

/** A file with fewer bytes is not decoded. */
const SIGNATURE_BYTES = 8;

const END_BYTES = { jpeg: 2, png: 12 } as const;

const withoutEnd = ({ format, bytes }: GoodImage): Buffer =>
  bytes.subarray(0, bytes.length - END_BYTES[format]);

const suspect = { ok: true, verdict: 'suspect' };
const truncated = { ok: false, code: 'truncated', retryable: true };

it('images without their end mark are suspect, whichever encoder and options created them', async () => {
  for (const image of images) {
    const walk = walkOf(image.format, image.bytes);
    const { width, height } = walk as { width?: number; height?: number };
    const check = await checkOf(image, withoutEnd(image));
    expect([image.name, check]).toMatchObject([image.name, { ...suspect, width, height }]);
    expect(check.detail).toMatch(/^no (EOI|IEND), every/);
  }
});

it.each([1, 2, 3, 5, 11, 100])(
  'images without their end mark are truncated when %d more bytes are missing',
  async (missing) => {
    for (const image of images) {
      const rest = withoutEnd(image);
      // A cut inside the checksum of the last chunk leaves the rows in doubt.
      const kept = Math.max(SIGNATURE_BYTES, rest.length - missing);
      const check = await checkOf(image, rest.subarray(0, kept));
      expect([image.name, check]).toMatchObject([image.name, truncated]);
    }
  },
);

it.each([
  ['a trailer', Buffer.from('SEFHe\x01\x02trailer of a camera')],
  ['zeros', Buffer.alloc(4_096)],
  ['half an end mark', Buffer.from([0xff])],
  ['fill bytes', Buffer.from([0xff, 0xff, 0xff])],
  ['a comment', Buffer.from([0xff, 0xfe, 0, 6, 1, 2, 3, 4])],
  ['a segment that is cut', Buffer.from([0xff, 0xe1, 0x10, 0, 1, 2])],
  ['a line end', Buffer.from('\r\n')],
])('a JPEG with %s instead of EOI is suspect', async (_what, trailer) => {
  for (const image of images.filter(({ format }) => format === 'jpeg')) {
    const check = await checkOf(image, Buffer.concat([withoutEnd(image), trailer]));
    expect([image.name, check]).toMatchObject([image.name, suspect]);
  }
});

it.each([1, 4, 8, 11])('a PNG with only %d bytes of its IEND is suspect', async (came) => {
  for (const image of images.filter(({ format }) => format === 'png')) {
    const { bytes } = image;
    const check = await checkOf(image, bytes.subarray(0, bytes.length - 12 + came));
    expect([image.name, check]).toMatchObject([image.name, suspect]);
  }
});
