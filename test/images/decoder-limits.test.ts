/** The limits of a decoder process: environment, loaders, memory and time. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { createDecoderPool, type DecoderPool } from '../../src/images/decoder-pool';
import type { ImageCheck } from '../../src/images/image-check';
import type { ImageFormat } from '../../src/images/image-signature';
import { decodersOf, killDecodersOf } from '../helpers/runs/decoders';
import { picture } from '../helpers/images/images';

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

/**
 * An image of the kind that takes most memory: interlaced and of 16 bits, so that 200 MB are
 * decoded at once.
 */
async function createLargestImage(): Promise<Buffer> {
  const side = 5_000;
  const background = { r: 255, g: 0, b: 0, alpha: 1 };
  const blank = sharp({ create: { width: side, height: side, channels: 4, background } });
  return blank.toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }).toBuffer();
}

/** Half of the bytes of 25 million pixels with eight bytes each. */
const HALF_OF_LARGEST_BYTES = 100_000_000;

/** The size of the data segment of a process in bytes, to which its limit applies. */
function dataSegmentBytes(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(/^VmData:\s+(\d+)/m.exec(status)?.[1]);
}

describe('a decoder process', () => {
  it('does not inherit the environment, and has a process group of its own', async () => {
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
      // A shell adds its working directory and a few more variables.
      expect(
        names.filter((name) => ![...known, 'PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)),
      ).toEqual([]);
      const group = /^\d+ \(.*\) \S \d+ (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
      expect(Number(group?.[1])).toBe(pid);
    } finally {
      delete process.env.ARTEMIS_TEST_SECRET;
    }
  });

  onLinux('may have 2 GB of memory, and writes no core dump', async () => {
    await decode(await picture('jpeg'), 'jpeg');
    const [pid = 0] = decodersOf(process.pid);
    const limits = fs.readFileSync(`/proc/${pid}/limits`, 'utf8');
    const [, data = ''] = /Max data size +(\S+)/.exec(limits) ?? [];
    expect(Number(data)).toBeLessThanOrEqual(2 * 1_024 ** 3);
    expect(limits).toMatch(/Max core file size +0 /);
  });

  it('decodes no SVG, PDF, PostScript, PNM or text, whatever format was requested', async () => {
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

  it('that takes too long fails with decoder_timeout for that image only, in a batch or alone', async () => {
    const impatientPool = createDecoderPool({ processes: 1, timeoutMs: 150 });
    const [large, small] = ['large', 'small'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    fs.writeFileSync(large, await createLargestImage());
    fs.writeFileSync(small, await picture('png'));
    const ask = (file: string): Promise<ImageCheck> =>
      impatientPool.decode({ path: file, format: 'png', extension: 'png', pixels: 1e8 });
    try {
      // The first request only starts the process, which may take longer than the time limit.
      await ask(small);
      const checks = await Promise.all([ask(large), ask(large), ask(small)]);
      expect(checks).toMatchObject([
        { ok: false, code: 'decoder_timeout' },
        { ok: false, code: 'decoder_timeout' },
        { ok: expect.any(Boolean) as boolean },
      ]);
    } finally {
      await impatientPool.close();
    }
  });

  onLinux('that needs too much memory fails for that image only', async () => {
    const bytes = await createLargestImage();
    expect(await decode(bytes, 'png')).toMatchObject({ ok: true, width: 5_000 });
    // A new process has no free memory that it could reuse.
    killDecodersOf(process.pid);
    expect(await decode(await picture('jpeg'), 'jpeg')).toMatchObject({ ok: true });
    const [pid = 0] = decodersOf(process.pid);
    execFileSync('prlimit', [
      '--pid',
      String(pid),
      `--data=${dataSegmentBytes(pid) + HALF_OF_LARGEST_BYTES}`,
    ]);
    expect(await decode(bytes, 'png')).toMatchObject({ ok: false, code: 'decoder_crash' });
    expect(await decode(await picture('jpeg'), 'jpeg')).toMatchObject({ ok: true });
  });
});
