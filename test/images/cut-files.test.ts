/** Files that are cut off anywhere are never valid, whatever their format and encoder's options. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { decodeImage } from '../../src/images/decode-image';
import { fileEnd } from '../../src/images/file-end';
import type { ImageFormat } from '../../src/images/image-signature';
import { picture } from '../helpers/images/images';

type Kind = readonly [what: string, format: ImageFormat, make: (image: sharp.Sharp) => sharp.Sharp];

const KINDS: readonly Kind[] = [
  ['GIF', 'gif', (image) => image.gif()],
  ['GIF of few colours', 'gif', (image) => image.gif({ colours: 4, dither: 0 })],
  ['interlaced GIF', 'gif', (image) => image.gif({ progressive: true })],
  ['WebP', 'webp', (image) => image.webp()],
  ['lossless WebP', 'webp', (image) => image.webp({ lossless: true })],
  ['WebP with transparency', 'webp', (image) => image.ensureAlpha(0.5).webp()],
  ['WebP with a colour profile', 'webp', (image) => image.withIccProfile('p3').webp()],
  ['AVIF', 'avif', (image) => image.avif({ effort: 0 })],
  ['AVIF with transparency', 'avif', (image) => image.ensureAlpha(0.5).avif({ effort: 0 })],
  ['TIFF', 'tiff', (image) => image.tiff({ compression: 'none' })],
  ['TIFF in LZW', 'tiff', (image) => image.tiff({ compression: 'lzw' })],
  ['TIFF in JPEG', 'tiff', (image) => image.tiff({ compression: 'jpeg' })],
  ['TIFF of tiles', 'tiff', (image) => image.tiff({ compression: 'deflate', tile: true })],
  ['BigTIFF', 'tiff', (image) => image.tiff({ compression: 'deflate', bigtiff: true })],
];

/** Where files are cut, as shares of their length; and bytes that are missing at the end. */
const SHARES = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97];
const MISSING = [1, 2, 3, 5, 8, 20];

const FRAMES = 6;

let folder: string;
let pixels: sharp.Sharp;
let frames: sharp.Sharp;
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-cut-'));
  pixels = sharp(await picture('png', { size: 64 }));
  const tall = await sharp(await picture('png', { size: 16 * FRAMES }))
    .raw()
    .toBuffer();
  const raw = { width: 16 * FRAMES, height: 16 * FRAMES, channels: 3 as const, pageHeight: 16 };
  frames = sharp(tall, { raw });
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

async function verdictOf(format: ImageFormat, bytes: Buffer): Promise<string> {
  const file = path.join(folder, 'image');
  fs.writeFileSync(file, bytes);
  const check = await decodeImage({ path: file, format, extension: format, pixels: 1_000_000 });
  return check.ok ? check.verdict : check.code;
}

function cutsOf(bytes: Buffer): readonly Buffer[] {
  return [
    ...SHARES.map((share) => bytes.subarray(0, Math.floor(bytes.length * share))),
    ...MISSING.map((missing) => bytes.subarray(0, bytes.length - missing)),
  ];
}

async function expectCutsToBeSeen(format: ImageFormat, bytes: Buffer): Promise<void> {
  expect(await verdictOf(format, bytes)).toBe('valid');
  expect(['whole', 'unknown']).toContain(fileEnd(format, bytes));
  const verdicts = new Set<string>();
  for (const cut of cutsOf(bytes)) verdicts.add(await verdictOf(format, cut));
  expect([...verdicts].filter((one) => one === 'valid' || one === 'corrupt')).toEqual([]);
}

it.each(KINDS)(
  'a %s that is cut anywhere is truncated, or suspect',
  async (_what, format, make) => {
    await expectCutsToBeSeen(format, await make(pixels.clone()).toBuffer());
  },
);

it('an animated GIF or WebP, or a TIFF of pages, that is cut anywhere is truncated, or suspect', async () => {
  await expectCutsToBeSeen('tiff', await frames.clone().tiff().toBuffer());
  await expectCutsToBeSeen('gif', await frames.clone().gif().toBuffer());
  await expectCutsToBeSeen('webp', await frames.clone().webp().toBuffer());
});

it('a GIF of which only the trailer is missing is suspect, and one with bytes behind it valid', async () => {
  const gif = await pixels.clone().gif().toBuffer();
  expect(fileEnd('gif', gif.subarray(0, -1))).toBe('unended');
  expect(await verdictOf('gif', gif.subarray(0, -1))).toBe('suspect');
  expect(await verdictOf('gif', Buffer.concat([gif, Buffer.from('more')]))).toBe('valid');
});

it('noise after the signature of a TIFF is no file that was cut off', () => {
  expect(fileEnd('tiff', Buffer.from(`II*\0${'\x07'.repeat(200)}`))).toBe('unknown');
});
