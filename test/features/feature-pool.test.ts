/** The feature processes: real files, real decoders, real ends of processes. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { FeatureResult } from '../../src/contract/features/feature';
import { createFeaturePool, type FeaturePool } from '../../src/features/feature-pool';
import { blackPng } from '../helpers/images/png';
import { drawPixels } from './drawn-pixels';

let folder: string;
let pool: FeaturePool;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-features-'));
  pool = createFeaturePool({ processes: 1, timeoutMs: 20_000 });
});
afterAll(async () => {
  await pool.close();
  fs.rmSync(folder, { recursive: true });
});

function store(name: string, bytes: Buffer): { readonly file: string; readonly sha256: string } {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function featuresOf(name: string, bytes: Buffer): Promise<FeatureResult> {
  const { file, sha256 } = store(name, bytes);
  return pool.run({ paths: [file], sha256, pixels: 1e8 });
}

const drawing = { width: 120, height: 90, seed: 3, kind: 'blocks' } as const;
const picture = (): sharp.Sharp =>
  sharp(drawPixels(drawing), { raw: { width: 120, height: 90, channels: 3 } });

describe('a feature process', () => {
  it('computes the same features of the same picture in every format and depth without loss', async () => {
    const results = await Promise.all([
      featuresOf('png', await picture().png().toBuffer()),
      featuresOf('alpha.png', await picture().ensureAlpha().png().toBuffer()),
      featuresOf('interlaced.png', await picture().png({ progressive: true }).toBuffer()),
      featuresOf('16.png', await picture().toColourspace('rgb16').png().toBuffer()),
      featuresOf('webp', await picture().webp({ lossless: true }).toBuffer()),
      featuresOf('tiff', await picture().tiff({ compression: 'lzw' }).toBuffer()),
    ]);
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toMatchObject({
      outcome: 'computed',
      values: {
        pdq: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        phash: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        placeholder: expect.stringMatching(/^[\w+/=]{28,40}$/) as string,
        look: expect.stringMatching(/^[\w+/]{86}==$/) as string,
        transparent: 0,
      },
    });
  });

  it('takes grey images, those with alpha, and CMYK', async () => {
    const grey = picture().greyscale();
    const results = await Promise.all([
      featuresOf('grey.png', await grey.clone().toColourspace('b-w').png().toBuffer()),
      featuresOf(
        'grey-alpha.png',
        await grey.clone().toColourspace('b-w').ensureAlpha(0).png().toBuffer(),
      ),
      featuresOf('cmyk.jpg', await picture().toColourspace('cmyk').jpeg().toBuffer()),
    ]);
    expect(results).toMatchObject([
      { outcome: 'computed', values: { grey: 1, transparent: 0 } },
      { outcome: 'computed', values: { grey: 1, transparent: 1, colour: 'white' } },
      { outcome: 'computed' },
    ]);
  });

  it('turns a picture upright as its EXIF says', async () => {
    const turned = await picture().rotate(90).withMetadata({ orientation: 8 }).png().toBuffer();
    const upright = await featuresOf('upright.png', await picture().png().toBuffer());
    expect(upright).toMatchObject({ values: { metadata: null } });
    expect(await featuresOf('turned.png', turned)).toEqual({
      outcome: 'computed',
      values: {
        ...('values' in upright ? upright.values : {}),
        metadata: expect.objectContaining({ orientation: 8 }) as unknown,
      },
    });
  });

  it('uses another copy when one is gone or has changed, and says which it was when none is left', async () => {
    const { file, sha256 } = store('copy.png', await picture().png().toBuffer());
    const changed = store('changed.png', blackPng(3, 3)).file;
    const gone = path.join(folder, 'gone.png');
    const ask = (...paths: readonly string[]): Promise<FeatureResult> =>
      pool.run({ paths, sha256, pixels: 1e8 });
    expect(await ask(gone, changed, file)).toMatchObject({ outcome: 'computed' });
    expect(await ask(gone, changed)).toMatchObject({ outcome: 'failed', code: 'changed' });
    expect(await ask(gone)).toMatchObject({ outcome: 'failed', code: 'missing' });
    expect(await ask(folder, gone)).toMatchObject({ outcome: 'failed', code: 'unreadable' });
  });

  it('fails for a file that no decoder reads or that has too many pixels, and goes on', async () => {
    const { file, sha256 } = store('large.png', blackPng(2_000, 2_000));
    const results = await Promise.all([
      featuresOf('text', Buffer.from('no image at all')),
      pool.run({ paths: [file], sha256, pixels: 1e6 }),
      featuresOf('good.png', await picture().png().toBuffer()),
    ]);
    expect(results).toMatchObject([
      { outcome: 'failed', code: 'corrupt' },
      { outcome: 'failed', code: 'too_many_pixels' },
      { outcome: 'computed' },
    ]);
  });

  it('computes what is there of a file that ends too early, because it was stored', async () => {
    const whole = await picture().jpeg().toBuffer();
    const cut = whole.subarray(0, Math.trunc(whole.length / 2));
    expect(await featuresOf('cut.jpg', cut)).toMatchObject({ outcome: 'computed' });
  });
});
