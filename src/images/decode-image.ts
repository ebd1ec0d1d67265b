/** Decodes one image from start to end. Runs in a decoder process only. */
import fs from 'node:fs';
import sharp from 'sharp';
import { refuse, type DecodeRequest, type ImageCheck } from './image-check';
import { jpegEnd } from './jpeg/find-end';
import { TRAILING_BYTES, validCheck, walkImage } from './walk-image';

/** Above it pixels are folded into statistics instead of being kept: 100 MP would be 300 MB. **Units** pixels. */
const KEEP_PIXELS_UP_TO = 4_000_000;

/** **Source** the wording of libvips 8.x and the codecs under it. */
const TRUNCATED =
  /premature end|truncat|unexpected end|end of (file|stream|data)|not enough data|out of data|unterminated/i;

/** **Source** the same, at the limit of the process (limited-process.ts): the bytes may be right. */
const OUT_OF_MEMORY = /out of memory|insufficient memory|memory allocation|cannot allocate/i;

/** Untrusted loaders off, no cache, one thread: called once a process. */
export function hardenDecoder(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  const known = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(
    (name) => `VipsForeignLoad${name}`,
  );
  sharp.unblock({ operation: known });
}

/** Never throws: an image that cannot be decoded is an answer. */
export async function decodeImage(request: DecodeRequest): Promise<ImageCheck> {
  try {
    return await checkBytes(request, fs.readFileSync(request.path));
  } catch (error) {
    return failed(error);
  }
}

/** What the walk calls good is valid; of anything that it does not refuse, sharp decides. */
async function checkBytes(request: DecodeRequest, bytes: Buffer): Promise<ImageCheck> {
  const walk = walkImage(request, bytes);
  if (walk.state === 'good') return validCheck(request, walk);
  if (walk.state === 'refused') {
    return refuse(walk.code, walk.detail, walk.code === 'truncated');
  }
  // A walk that ended early has not seen whether there is an end, and sharp does not look.
  if (request.format === 'jpeg' && jpegEnd(bytes) === null) {
    return refuse('truncated', 'the JPEG has no end (EOI)', true);
  }
  return decodeBytes(request, bytes, walk.state === 'doubtful' ? walk.detail : null);
}

/** `doubt`: what the walk found wrong; null: it does not know the kind. */
async function decodeBytes(
  request: DecodeRequest,
  bytes: Buffer,
  doubt: string | null,
): Promise<ImageCheck> {
  const { width, height } = await sharp(bytes, {
    limitInputPixels: false,
    failOn: 'none',
  }).metadata();
  if (width * height > request.pixels) {
    return refuse('too_many_pixels', `${width} × ${height} pixels are more than ${request.pixels}`);
  }
  const { format, extension } = request;
  const facts = { ok: true as const, format, extension, width, height };
  const strict = await attempt(bytes, 'warning', request.pixels, width * height);
  if (strict === null && doubt === null) {
    return { ...facts, verdict: 'valid', detail: remarkOn(request, bytes) };
  }
  if (strict === null) return { ...facts, verdict: 'suspect', detail: doubt };
  const lenient = await attempt(bytes, 'truncated', request.pixels, width * height);
  if (lenient === null) return { ...facts, verdict: 'suspect', detail: firstLine(strict) };
  return failed(lenient);
}

function remarkOn({ format }: DecodeRequest, bytes: Buffer): string | null {
  const end = format === 'jpeg' ? jpegEnd(bytes) : null;
  return end !== null && end < bytes.length ? TRAILING_BYTES : null;
}

/** The decoder's complaint, or null. */
async function attempt(
  bytes: Buffer,
  failOn: 'warning' | 'truncated',
  limitInputPixels: number,
  pixels: number,
): Promise<unknown> {
  const image = sharp(bytes, { failOn, limitInputPixels, sequentialRead: true });
  try {
    if (pixels > KEEP_PIXELS_UP_TO) await image.stats();
    else await image.raw().toBuffer();
    return null;
  } catch (error) {
    return error;
  }
}

function failed(error: unknown): ImageCheck {
  const text = firstLine(error);
  if (/pixel limit/i.test(text)) return refuse('too_many_pixels', text);
  if (OUT_OF_MEMORY.test(text)) return refuse('decoder_crash', text);
  return TRUNCATED.test(text) ? refuse('truncated', text, true) : refuse('corrupt', text);
}

function firstLine(error: unknown): string {
  return (
    (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? ''
  );
}
