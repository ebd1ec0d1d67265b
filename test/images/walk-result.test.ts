/**
 * Which images the walk calls good, which ones it doubts, and the results of the check for both.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { decodeImage } from '../../src/images/decode-image';
import type { ImageCheck } from '../../src/images/image-check';
import { createImageChecker } from '../../src/images/image-checker';
import { PNG_SIGNATURE, pngChunk } from '../helpers/images/png';
import { damagedImages } from './damaged-images';
import { goodImages, type GoodImage } from './good-images';
import { jpegSegments } from './jpeg-damages';
import { makeJpeg } from './make-jpeg';
import { mutate } from './mutate';
import { complaintOf, looseness, walkOf } from './compare-with-sharp';
import { createRandom } from './random';

const SEED = 36;
let folder: string;
let images: readonly GoodImage[];
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-walk-'));
  images = await goodImages(9);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

/** The result of a decoder process. */
async function checkOf(format: 'jpeg' | 'png', bytes: Buffer): Promise<ImageCheck> {
  const file = path.join(folder, 'image');
  fs.writeFileSync(file, bytes);
  return decodeImage({ path: file, format, extension: format, pixels: 1_000_000 });
}

async function photo(options: sharp.JpegOptions = {}): Promise<Buffer> {
  const pixels = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, n) => (n * n) % 251));
  return sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg(options)
    .toBuffer();
}

describe('a whole image', () => {
  it('is good for the walk, whichever encoder and options created it', async () => {
    expect(images.length).toBeGreaterThan(30);
    for (const { name, format, bytes } of images) {
      expect([name, await complaintOf(bytes)]).toEqual([name, null]);
      expect([name, walkOf(format, bytes).state]).toEqual([name, 'good']);
    }
  });

  it.each([
    ['jpeg', 'valid'],
    ['png', 'valid'],
  ] as const)('of %s with bytes after its end is valid, with a remark', async (format, verdict) => {
    const image = images.find((one) => one.format === format);
    const bytes = Buffer.concat([image?.bytes ?? Buffer.alloc(0), Buffer.from('PK\x03\x04')]);
    expect(await checkOf(format, bytes)).toMatchObject({ verdict, detail: 'trailing_bytes' });
  });

  it('of PNG with bytes after the stream of its rows is valid, with a remark', async () => {
    const header = Buffer.from([0, 0, 0, 9, 0, 0, 0, 9, 8, 0, 0, 0, 0]);
    const rows = deflateSync(Buffer.alloc(9 * 10));
    const png = (...pieces: readonly Buffer[]): Buffer =>
      Buffer.concat([
        PNG_SIGNATURE,
        pngChunk('IHDR', header),
        ...pieces.map((piece) => pngChunk('IDAT', piece)),
        pngChunk('IEND', Buffer.alloc(0)),
      ]);
    const hidden = Buffer.from('hidden');
    const remark = { verdict: 'valid', detail: 'trailing_bytes' };
    expect(await checkOf('png', png(Buffer.concat([rows, hidden])))).toMatchObject(remark);
    expect(await checkOf('png', png(rows, hidden))).toMatchObject(remark);
    const clean = png(rows.subarray(0, 5), rows.subarray(5), Buffer.alloc(0));
    expect(await checkOf('png', clean)).toMatchObject({ verdict: 'valid', detail: null });
  });

  it('of a kind that the walk does not support is checked by sharp alone', async () => {
    // With the segment of an arithmetic coding, which it does not use (ITU-T T.81, B.2.4.3).
    const conditioning = Buffer.from([0xff, 0xcc, 0, 4, 0, 0x10]);
    const jpeg = await sharp(await photo())
      .jpeg()
      .toBuffer();
    const bytes = Buffer.concat([jpeg.subarray(0, 2), conditioning, jpeg.subarray(2)]);
    expect(walkOf('jpeg', bytes).state).toBe('unknown');
    expect(await checkOf('jpeg', bytes)).toMatchObject({ verdict: 'valid', width: 64 });
  });

  it.each([false, true])(
    'in CMYK is walked like any other (progressive: %s)',
    async (progressive) => {
      const cmyk = await sharp(await photo())
        .toColourspace('cmyk')
        .jpeg({ progressive })
        .toBuffer();
      expect(walkOf('jpeg', cmyk)).toMatchObject({ state: 'good', width: 64 });
      const unknown = Buffer.from(cmyk);
      unknown.writeUInt8(1, unknown.indexOf('Adobe') + 11);
      expect(walkOf('jpeg', unknown)).toMatchObject({ state: 'unknown' });
    },
  );

  it('is walked but not decoded if it is small', async () => {
    const file = path.join(folder, 'small');
    fs.writeFileSync(file, await photo());
    // A decoder with a time limit of 0 would fail, so the result proves that none was used.
    const checker = createImageChecker({ processes: 1, timeoutMs: 0 });
    const request = { path: file, verify: 'decode', lengthKnown: true, pixels: 1e6 } as const;
    const check = await checker.check({ ...request, bytes: fs.statSync(file).size });
    await checker.close();
    expect(check).toMatchObject({ ok: true, verdict: 'valid', width: 64, height: 64 });
  });
});

describe('the check of a damaged image', () => {
  it('finds a JPEG that was cut at the boundary of a scan and has an EOI, which sharp accepts', async () => {
    const progressive = await photo({ progressive: true });
    for (const { marker, end } of jpegSegments(progressive).slice(0, -1)) {
      if (marker !== 0xda) continue;
      const cut = Buffer.concat([progressive.subarray(0, end), Buffer.from([0xff, 0xd9])]);
      expect(walkOf('jpeg', cut)).toMatchObject({ state: 'doubtful', detail: 'scans are missing' });
      expect(await checkOf('jpeg', cut)).toMatchObject({ ok: true, verdict: 'suspect' });
      const open = progressive.subarray(0, end);
      expect(await checkOf('jpeg', open)).toMatchObject({ ok: false, code: 'truncated' });
    }
  });

  it('is suspect if there are stray bytes before a marker, which lenient decoding accepts', async () => {
    const whole = await photo();
    const { at } = jpegSegments(whole)[1] ?? { at: 0 };
    const stray = Buffer.concat([whole.subarray(0, at), Buffer.from([1, 2]), whole.subarray(at)]);
    expect(await checkOf('jpeg', stray)).toMatchObject({ ok: true, verdict: 'suspect' });
  });

  it('fails if the walk and sharp refuse it, and as truncated if its end is missing', async () => {
    const whole = await photo();
    const { at } = jpegSegments(whole).find(({ marker }) => marker === 0xc4) ?? { at: 0 };
    const noise = Buffer.concat([whole.subarray(0, at), Buffer.alloc(500, 7)]);
    const closed = Buffer.concat([noise, Buffer.from([0xff, 0xd9])]);
    expect(await checkOf('jpeg', closed)).toMatchObject({ ok: false, code: 'corrupt' });
    expect(await checkOf('jpeg', noise)).toMatchObject({ ok: false, code: 'truncated' });
  });

  it('is corrupt after a wrong checksum in a critical chunk, and suspect after one in another chunk', async () => {
    const text = await sharp(await photo())
      .withExif({ IFD0: { Copyright: 'nobody' } })
      .png()
      .toBuffer();
    const other = Buffer.from(text);
    const at = text.indexOf('eXIf') + 4;
    other[at + 12] = 1 ^ (other[at + 12] ?? 0);
    expect(await checkOf('png', other)).toMatchObject({ ok: true, verdict: 'suspect' });
    const critical = Buffer.from(text);
    critical[text.indexOf('IDAT') + 9] = 1 ^ (critical[text.indexOf('IDAT') + 9] ?? 0);
    expect(await checkOf('png', critical)).toMatchObject({ ok: false, code: 'corrupt' });
  });

  it('refuses too many pixels by the header, before memory is allocated', async () => {
    const jpeg = Buffer.from(await photo());
    const { at } = jpegSegments(jpeg).find(({ marker }) => marker === 0xc0) ?? { at: 0 };
    jpeg.writeUInt16BE(60_000, at + 5);
    jpeg.writeUInt16BE(60_000, at + 7);
    expect(await checkOf('jpeg', jpeg)).toMatchObject({ ok: false, code: 'too_many_pixels' });
  });
});

describe('the walk is never looser than sharp', () => {
  it('on damaged images of every kind', async () => {
    const kinds = new Set<string>();
    for (const { kind, from, bytes } of damagedImages(images.slice(0, 12), SEED, 1)) {
      kinds.add(kind);
      expect([kind, from.name, await looseness(from.format, bytes)]).toEqual([
        kind,
        from.name,
        null,
      ]);
    }
    for (const { kind, from, bytes } of damagedImages(images.slice(-20), SEED, 1)) {
      kinds.add(kind);
      expect([kind, from.name, await looseness(from.format, bytes)]).toEqual([
        kind,
        from.name,
        null,
      ]);
    }
    expect(kinds.size).toBeGreaterThan(35);
  });

  it('on mutated images with any seed', async () => {
    const property = fc.asyncProperty(fc.nat(), fc.nat(), async (seed, n) => {
      const image = images[n % images.length];
      if (image === undefined) return;
      expect(await looseness(image.format, mutate(image, createRandom(seed)))).toBeNull();
    });
    await fc.assert(property, { numRuns: 500 });
  });
});

describe('restart intervals', () => {
  it('of any length are good in an image of any size, but not with a byte less or a changed marker', () => {
    const jpegOptions = fc.record({
      width: fc.integer({ min: 1, max: 90 }),
      height: fc.integer({ min: 1, max: 70 }),
      isGrey: fc.boolean(),
      restartInterval: fc.integer({ min: 0, max: 12 }),
    });
    const property = fc.property(jpegOptions, fc.nat(), (one, seed) => {
      const bytes = makeJpeg(createRandom(seed), one);
      expect(walkOf('jpeg', bytes)).toMatchObject({ state: 'good', width: one.width });
      const short = Buffer.concat([bytes.subarray(0, -3), bytes.subarray(-2)]);
      expect(walkOf('jpeg', short).state).not.toBe('good');
      const at = bytes.indexOf(Buffer.from([0xff, 0xd0]));
      if (at === -1) return;
      bytes[at + 1] = 0xd1;
      expect(walkOf('jpeg', bytes).state).toBe('doubtful');
    });
    fc.assert(property, { numRuns: 150 });
  });
});

describe('hostile bytes', () => {
  it('of any kind lead to a result other than good', () => {
    const starts = [Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')];
    const property = fc.property(fc.nat(1), fc.uint8Array({ maxLength: 400 }), (which, rest) => {
      const bytes = Buffer.concat([starts[which] ?? Buffer.alloc(0), rest]);
      expect(walkOf(which === 0 ? 'jpeg' : 'png', bytes).state).not.toBe('good');
    });
    fc.assert(property, { numRuns: 500 });
  });
});
