/** What a decoder process has and has not: secrets, loaders, memory, time. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { createDecoderPool, type DecoderPool } from '../../src/images/decoder-pool';
import type { ImageCheck } from '../../src/images/image-check';
import type { ImageFormat } from '../../src/images/image-signature';
import { decodersOf, killDecodersOf } from '../helpers/decoders';
import { picture } from '../helpers/images';

const FORMATS: readonly ImageFormat[] = ['jpeg', 'png', 'gif', 'webp', 'tiff', 'avif'];
const onLinux = process.platform === 'linux' ? it : it.skip;

let folder: string;
let pool: DecoderPool;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-decoder-'));
  pool = createDecoderPool({ processes: 1, timeoutMs: 20_000 });
});
afterEach(async () => {
  await pool.close();
  fs.rmSync(folder, { recursive: true });
});

function decode(bytes: Buffer, format: ImageFormat): Promise<ImageCheck> {
  const file = path.join(folder, 'image');
  fs.writeFileSync(file, bytes);
  return pool.decode({ path: file, format, extension: 'x', pixels: 1e8 });
}

/** In the form that takes most memory: interlaced, of 16 bits, decoded whole: 200 MB. */
async function largest(): Promise<Buffer> {
  const side = 5_000;
  const background = { r: 255, g: 0, b: 0, alpha: 1 };
  const blank = sharp({ create: { width: side, height: side, channels: 4, background } });
  return blank.toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }).toBuffer();
}

/** 25 million pixels of eight bytes are kept at once. **Units** bytes. */
const HALF_OF_LARGEST = 100_000_000;

/** What the process may write to, as its limit counts it. **Units** bytes. */
function dataOf(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(/^VmData:\s+(\d+)/m.exec(status)?.[1]);
}

describe('a decoder process', () => {
  it('has no environment of ours, and is in a group of its own', async () => {
    process.env.ARTEMIS_TEST_SECRET = 'marker-of-a-secret';
    try {
      expect(await decode(await picture('jpeg'), 'jpeg')).toMatchObject({ ok: true });
      const [pid = 0] = decodersOf(process.pid);
      const names = fs
        .readFileSync(`/proc/${pid}/environ`, 'latin1')
        .split('\0')
        .map((variable) => variable.split('=')[0] ?? '')
        .filter((name) => name !== '');
      const known = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'VIPS_BLOCK_UNTRUSTED'];
      // A shell adds where it stands.
      expect(
        names.filter((name) => ![...known, 'PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)),
      ).toEqual([]);
      const group = /^\d+ \(.*\) \S \d+ (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
      expect(Number(group?.[1])).toBe(pid);
    } finally {
      delete process.env.ARTEMIS_TEST_SECRET;
    }
  });

  onLinux('may have 2 GB of memory, and leaves no dump of it', async () => {
    await decode(await picture('jpeg'), 'jpeg');
    const [pid = 0] = decodersOf(process.pid);
    const limits = fs.readFileSync(`/proc/${pid}/limits`, 'utf8');
    const [, data = ''] = /Max data size +(\S+)/.exec(limits) ?? [];
    expect(Number(data)).toBeLessThanOrEqual(2 * 1_024 ** 3);
    expect(limits).toMatch(/Max core file size +0 /);
  });

  it('decodes no SVG, PDF, BMP, PNM, HEIC or text, whatever its signature pretended', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    const hostile = {
      svg: Buffer.from(svg),
      entities: Buffer.from(`<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>${svg}`),
      pdf: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF'),
      postscript: Buffer.from('%!PS-Adobe-3.0\nshowpage\n'),
      pnm: Buffer.concat([Buffer.from('P6 2 2 255\n'), Buffer.alloc(12, 9)]),
      csv: Buffer.from('1,2\n3,4\n'),
      magick: Buffer.from(
        'push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 "https://h/"\npop graphic-context',
      ),
      vips: Buffer.concat([Buffer.from('b6a6f208', 'hex'), Buffer.alloc(200)]),
      hdr: Buffer.from(
        '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x01\x01\x01\x01',
        'latin1',
      ),
    };
    for (const [kind, bytes] of Object.entries(hostile)) {
      for (const format of FORMATS) {
        const { ok } = await decode(bytes, format);
        expect({ kind, format, ok }).toEqual({ kind, format, ok: false });
      }
    }
  });

  it('that takes too long is ended, for that image alone, in a batch or not', async () => {
    const hurried = createDecoderPool({ processes: 1, timeoutMs: 150 });
    const [large, small] = ['large', 'small'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    fs.writeFileSync(large, await largest());
    fs.writeFileSync(small, await picture('png'));
    const ask = (file: string): Promise<ImageCheck> =>
      hurried.decode({ path: file, format: 'png', extension: 'png', pixels: 1e8 });
    try {
      // The first one starts a process, which takes longer than it is given here: it only warms up.
      await ask(small);
      const checks = await Promise.all([ask(large), ask(large), ask(small)]);
      expect(checks).toMatchObject([
        { ok: false, code: 'decoder_timeout' },
        { ok: false, code: 'decoder_timeout' },
        { ok: expect.any(Boolean) as boolean },
      ]);
    } finally {
      await hurried.close();
    }
  });

  onLinux('that would take more memory fails for that image alone', async () => {
    const bytes = await largest();
    expect(await decode(bytes, 'png')).toMatchObject({ ok: true, width: 5_000 });
    // A fresh one has nothing that it could use again.
    killDecodersOf(process.pid);
    expect(await decode(await picture('jpeg'), 'jpeg')).toMatchObject({ ok: true });
    const [pid = 0] = decodersOf(process.pid);
    execFileSync('prlimit', ['--pid', String(pid), `--data=${dataOf(pid) + HALF_OF_LARGEST}`]);
    expect(await decode(bytes, 'png')).toMatchObject({ ok: false, code: 'decoder_crash' });
    expect(await decode(await picture('jpeg'), 'jpeg')).toMatchObject({ ok: true });
  });
});
