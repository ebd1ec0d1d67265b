/** Decodes one image from start to end. Only runs in a decoder process. */
import fs from 'node:fs';
import sharp from 'sharp';
import { decoderError, firstLine } from './decoder-error';
import { fileEnd, type FileEnd } from './file-end';
import { failedCheck, type DecodeRequest, type ImageCheck } from './image-check';
import type { ImageFormat } from './image-signature';
import { findJpegEnd } from './jpeg/find-jpeg-end';
import { hasWrongChecksum } from './tiff/has-wrong-checksum';
import { cameraRawKind } from './kinds/camera-raw';
import { hasOwnEnd, unsupportedKind } from './kinds/unsupported-kind';
import {
  TRAILING_BYTES,
  unendedCheck,
  unsupportedCheck,
  validCheck,
  walkImage,
} from './walk-image';

/**
 * Larger images are decoded into statistics instead of a buffer, because 100 MP would need 300 MB.
 */
const MAX_BUFFERED_PIXELS = 4_000_000;

/**
 * What is said of an image that the decoder accepts although its file does not end as it should.
 */
const UNFINISHED = { cut: 'the end of the file is missing', unended: 'no trailer' } as const;

/**
 * Disables untrusted loaders and the cache, and limits sharp to one thread. Called once per
 * process.
 */
export function hardenDecoder(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  const known = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(
    (name) => `VipsForeignLoad${name}`,
  );
  sharp.unblock({ operation: known });
}

/** Never throws: an image that cannot be decoded is a result. */
export async function decodeImage(request: DecodeRequest): Promise<ImageCheck> {
  let bytes = Buffer.alloc(0);
  try {
    bytes = fs.readFileSync(request.path);
    return await checkBytes(request, bytes);
  } catch (error) {
    return uncheckedImage(request, bytes, error) ?? decoderFailure(request, bytes, error);
  }
}

/**
 * An image whose walk is good is valid. An image that the walk refused is not. About any other
 * image, sharp decides.
 */
async function checkBytes(request: DecodeRequest, bytes: Buffer): Promise<ImageCheck> {
  const walk = walkImage(request, bytes);
  if (walk.state === 'good') return validCheck(request, walk);
  if (walk.state === 'unended') return unendedCheck(request, walk);
  if (walk.state === 'unsupported') return unsupportedCheck(request, walk);
  if (walk.state === 'refused') {
    return failedCheck(walk.code, walk.detail, { retryable: walk.code === 'truncated' });
  }
  // A walk that ended early has not reached the end of the file, and sharp does not check it.
  if (request.format === 'jpeg' && findJpegEnd(bytes) === null) {
    return failedCheck('truncated', 'the JPEG has no end (EOI)', { retryable: true });
  }
  if (request.format === 'tiff') return decodeTiff(request, bytes);
  return decodeBytes(request, bytes, walk.state === 'doubtful' ? walk.detail : null);
}

/** The decoder sees only the preview of a camera's raw image. */
async function decodeTiff(request: DecodeRequest, bytes: Buffer): Promise<ImageCheck> {
  const raw = cameraRawKind(bytes);
  if (raw === null) return decodeBytes(request, bytes, null);
  if (fileEnd('tiff', bytes) === 'cut')
    return failedCheck('truncated', `${raw} that is cut`, { retryable: true });
  if (request.lengthKnown !== true) return decodeBytes(request, bytes, raw);
  const { format, extension } = request;
  const size = { width: null, height: null };
  return { ok: true, format, extension, ...size, verdict: 'unchecked', detail: raw };
}

/** `doubt` is what the walk found wrong; null if it does not support the kind of image. */
async function decodeBytes(
  request: DecodeRequest,
  bytes: Buffer,
  doubt: string | null,
): Promise<ImageCheck> {
  const {
    width,
    height,
    pages = 1,
  } = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  if (width * height > request.pixels) {
    return failedCheck(
      'too_many_pixels',
      `${width} × ${height} pixels are more than ${request.pixels}`,
    );
  }
  const { format, extension } = request;
  const decoded = { ok: true as const, format, extension, width, height };
  const strictError = await tryDecoding(bytes, 'warning', request.pixels, width * height);
  if (strictError === null) {
    const end = fileEnd(format, bytes);
    if (end === 'cut' && format === 'gif')
      return failedCheck('truncated', 'the GIF ends inside a block', { retryable: true });
    const complaint = doubt ?? (await complaintAbout(format, bytes, end));
    if (complaint !== null) return { ...decoded, verdict: 'suspect', detail: complaint };
    return { ...decoded, verdict: 'valid', detail: remarkOnImage(request, bytes, pages) };
  }
  const unchecked = uncheckedImage(request, bytes, strictError);
  if (unchecked !== null) return { ...unchecked, width, height };
  const lenientError = await tryDecoding(bytes, 'truncated', request.pixels, width * height);
  // libtiff fills strips that are missing with zeros.
  if (format === 'tiff' && fileEnd(format, bytes) === 'cut')
    return decoderFailure(request, bytes, strictError);
  if (lenientError === null)
    return { ...decoded, verdict: 'suspect', detail: firstLine(strictError) };
  return decoderFailure(request, bytes, lenientError);
}

/** What is wrong with a file that the decoder accepts; null if nothing is. */
async function complaintAbout(
  format: ImageFormat,
  bytes: Buffer,
  end: FileEnd,
): Promise<string | null> {
  if (end === 'cut' || end === 'unended') return UNFINISHED[end];
  if (format === 'tiff' && (await hasWrongChecksum(bytes)))
    return 'a strip or tile whose checksum is wrong';
  return null;
}

/**
 * The remark on a valid image. Only the first frame is decoded, because a small file may announce
 * any number of frames.
 */
function remarkOnImage({ format }: DecodeRequest, bytes: Buffer, frames: number): string | null {
  if (frames > 1) return `${frames} ${format === 'tiff' ? 'pages' : 'frames'}, the first decoded`;
  const end = format === 'jpeg' ? findJpegEnd(bytes) : null;
  return end !== null && end < bytes.length ? TRAILING_BYTES : null;
}

/** @returns the decoder's error; null if it decoded the image. */
async function tryDecoding(
  bytes: Buffer,
  failOn: 'warning' | 'truncated',
  limitInputPixels: number,
  pixels: number,
): Promise<unknown> {
  const image = sharp(bytes, { failOn, limitInputPixels, sequentialRead: true });
  try {
    if (pixels > MAX_BUFFERED_PIXELS) await image.stats();
    else await image.raw().toBuffer();
    return null;
  } catch (error) {
    return error;
  }
}

/**
 * The result for a whole file of a kind that the decoder does not support; null for any other
 * error.
 */
function uncheckedImage(
  { format, extension, lengthKnown = false }: DecodeRequest,
  bytes: Buffer,
  error: unknown,
): (ImageCheck & { readonly ok: true }) | null {
  const detail = unsupportedKind(format, bytes, firstLine(error));
  if (detail === null || fileEnd(format, bytes) === 'cut') return null;
  if (!lengthKnown && !hasOwnEnd(format, bytes)) return null;
  const size = { width: null, height: null };
  return { ok: true, format, extension, ...size, verdict: 'unchecked', detail };
}

function decoderFailure({ format }: DecodeRequest, bytes: Buffer, error: unknown): ImageCheck {
  const { code, detail } = decoderError(error);
  if (code === 'corrupt' && fileEnd(format, bytes) === 'cut')
    return failedCheck('truncated', `the file is longer than what came: ${detail}`, {
      retryable: true,
    });
  return failedCheck(code, detail, { retryable: code === 'truncated' });
}
